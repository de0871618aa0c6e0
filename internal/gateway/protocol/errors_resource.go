package protocol

// notFound is the error for an entity or a part of one that is absent, or must not be seen.
func notFound(code, what, name string) *Error {
	return &Error{
		Status: 404, Code: code,
		Message:     what + " \"" + excerpt(name) + "\" could not be found.",
		Description: "Check that it exists and that you may read it.",
	}
}

// partNotFound is notFound for a part of a thing that has no name of its own.
func partNotFound(code, what, id string) *Error {
	return notFound(code, what+" of the thing", id)
}

// ErrPolicyIDNotFound says that a thing has no policy id.
func ErrPolicyIDNotFound(id string) *Error {
	return partNotFound("things:policyId.notfound", "The policy id", id)
}

// ErrDefinitionNotFound says that a thing has no definition.
func ErrDefinitionNotFound(id string) *Error {
	return partNotFound("things:definition.notfound", "The definition", id)
}

// ErrAttributesNotFound says that a thing has no attributes.
func ErrAttributesNotFound(id string) *Error {
	return partNotFound("things:attributes.notfound", "The attributes", id)
}

// ErrAttributeNotFound says that a thing has no such attribute.
func ErrAttributeNotFound(id, pointer string) *Error {
	return partNotFound("things:attribute.notfound", "The attribute \""+excerpt(pointer)+"\"", id)
}

// ErrFeaturesNotFound says that a thing has no features.
func ErrFeaturesNotFound(id string) *Error {
	return partNotFound("things:features.notfound", "The features", id)
}

// ErrFeatureNotFound says that a thing has no such feature.
func ErrFeatureNotFound(id, feature string) *Error {
	return partNotFound("things:feature.notfound", featureText("The", feature), id)
}

// ErrFeatureDefinitionNotFound says that a feature has no definition.
func ErrFeatureDefinitionNotFound(id, feature string) *Error {
	return partNotFound("things:feature.definition.notfound", featureText("The definition of the", feature), id)
}

// ErrFeaturePropertiesNotFound says that a feature has no properties.
func ErrFeaturePropertiesNotFound(id, feature string) *Error {
	return partNotFound("things:feature.properties.notfound", featureText("The properties of the", feature), id)
}

// ErrFeaturePropertyNotFound says that a feature has no such property.
func ErrFeaturePropertyNotFound(id, feature, pointer string) *Error {
	return partNotFound("things:feature.property.notfound",
		featureText("The property \""+excerpt(pointer)+"\" of the", feature), id)
}

// ErrFeatureDesiredPropertiesNotFound says that a feature has no desired properties.
func ErrFeatureDesiredPropertiesNotFound(id, feature string) *Error {
	return partNotFound("things:feature.desiredProperties.notfound",
		featureText("The desired properties of the", feature), id)
}

// ErrFeatureDesiredPropertyNotFound says that a feature has no such desired property.
func ErrFeatureDesiredPropertyNotFound(id, feature, pointer string) *Error {
	return partNotFound("things:feature.desiredProperty.notfound",
		featureText("The desired property \""+excerpt(pointer)+"\" of the", feature), id)
}

func featureText(what, feature string) string { return what + " feature \"" + excerpt(feature) + "\"" }

// notModifiable is the error for a change for which the permission is missing.
func notModifiable(code, what, name string) *Error {
	return &Error{
		Status: 403, Code: code,
		Message:     what + " \"" + excerpt(name) + "\" cannot be modified.",
		Description: "Check that you have the permission WRITE on it.",
	}
}

// partCodes are the parts of a thing as they are called in codes.
var partCodes = [...]string{
	Root: "thing", PolicyID: "policyId", Definition: "definition", Attributes: "attributes", Attribute: "attribute",
	Features: "features", Feature: "feature", FeatureDefinition: "feature.definition",
	FeatureProperties: "feature.properties", FeatureProperty: "feature.property",
	FeatureDesiredProperties: "feature.desiredProperties", FeatureDesiredProperty: "feature.desiredProperty",
	LegacyPolicy: "thing",
}

// ErrPartNotModifiable refuses a change of a part of a thing, or of all of it, for lack of permission.
func ErrPartNotModifiable(id string, path Path) *Error {
	code := "things:" + nameOf(partCodes[:], path.Kind) + ".notmodifiable"
	return notModifiable(code, "The resource "+excerpt(path.String())+" of the thing", id)
}
