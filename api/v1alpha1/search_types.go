package v1alpha1

// Search is how things are searched for.
type Search struct {
	// What is indexed of things. A search for what is not indexed finds the same,
	// but has to look at every thing. Default: everything is indexed.
	// +optional
	Index *SearchIndex `json:"index,omitempty"`
}

// SearchIndex is what is indexed of things, beside their ids. Less of it makes
// modifications cheaper and the store smaller.
type SearchIndex struct {
	// The parts of things that are indexed: what is at or below one of these
	// paths, at most 128, such as policyId, attributes/location or
	// features/*/properties/temperature, where * stands for every feature. Ids
	// and namespaces always are; an empty list means that nothing else is. The
	// index is used for a property of which all is indexed: for
	// features/*/properties/temperature by that path or one above it, but not by
	// those of some features. A change needs a restart, at which the index is
	// made anew; that takes some seconds for every hundred thousand things.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=128
	Fields []IndexedPath `json:"fields"`
}

// IndexedPath is the path of a part of things as filters name it, such as
// attributes/location, features/coffee-brewer/properties or
// features/*/properties/temperature, where * stands for every feature.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^(policyId|definition|_created|_modified|(attributes|features|_metadata)(/([^/~[:cntrl:]]|~[01])+)*)$')",message="must be policyId, definition, _created or _modified, or attributes, features or _metadata alone or with names behind slashes, such as attributes/location; in a name ~1 stands for / and ~0 for ~"
// +kubebuilder:validation:XValidation:rule="!self.matches('^features/[^/]+/') || self.matches('^features/[^/]+/(definition|(properties|desiredProperties)(/.*)?)$')",message="must go on with definition, properties or desiredProperties behind the id of a feature, such as features/lamp/properties/on"
// +kubebuilder:validation:XValidation:rule="!(self.startsWith('features/*') ? self.substring(10) : self).matches('/[*](/|$)')",message="must not have * as a name, but for every feature, as in features/*/properties/temperature"
type IndexedPath string
