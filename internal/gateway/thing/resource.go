package thing

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// allowed reports whether the protocol has a command for the action at the path.
func allowed(action protocol.Action, kind protocol.ResourceKind) bool {
	if kind == protocol.LegacyPolicy {
		return false
	}
	switch action {
	case protocol.Create:
		return kind == protocol.Root
	case protocol.Modify, protocol.Merge, protocol.Retrieve:
		return true
	case protocol.Delete:
		return kind != protocol.PolicyID
	}
	return false
}

// selectable reports whether a retrieve at the path heeds a field selector.
func selectable(kind protocol.ResourceKind) bool {
	switch kind {
	case protocol.Root, protocol.Attributes, protocol.Features, protocol.Feature, protocol.FeatureProperties,
		protocol.FeatureDesiredProperties:
		return true
	}
	return false
}

// needsFeature returns the pointer to the feature that must exist for a modify at the path, nil if none must.
func needsFeature(p protocol.Path) document.Pointer {
	switch p.Kind {
	case protocol.FeatureDefinition, protocol.FeatureProperties, protocol.FeatureProperty, protocol.FeatureDesiredProperties,
		protocol.FeatureDesiredProperty:
		return p.Pointer[:2]
	}
	return nil
}

// errAbsent is the error for a resource that a thing does not have.
//
// Protocol rule: what is missing below an absent feature, or below absent properties, is the feature or the properties.
func (c *Command) errAbsent(doc []byte) *protocol.Error {
	return c.errAbsentAt(func(p document.Pointer) bool { return has(doc, p) })
}

// errAbsentAt is errAbsent for a thing of which has tells what is there on the way to the path.
func (c *Command) errAbsentAt(has func(document.Pointer) bool) *protocol.Error {
	p := c.Path.Pointer
	if feature := needsFeature(c.Path); feature != nil && !has(feature) {
		return protocol.ErrFeatureNotFound(c.ID, p[1])
	}
	switch c.Path.Kind {
	case protocol.PolicyID:
		return protocol.ErrPolicyIDNotFound(c.ID)
	case protocol.Definition:
		return protocol.ErrDefinitionNotFound(c.ID)
	case protocol.Attributes:
		return protocol.ErrAttributesNotFound(c.ID)
	case protocol.Attribute:
		return protocol.ErrAttributeNotFound(c.ID, p[1:].String())
	case protocol.Features:
		return protocol.ErrFeaturesNotFound(c.ID)
	case protocol.Feature:
		return protocol.ErrFeatureNotFound(c.ID, p[1])
	case protocol.FeatureDefinition:
		return protocol.ErrFeatureDefinitionNotFound(c.ID, p[1])
	case protocol.FeatureProperty:
		if has(p[:3]) {
			return protocol.ErrFeaturePropertyNotFound(c.ID, p[1], p[3:].String())
		}
		fallthrough
	case protocol.FeatureProperties:
		return protocol.ErrFeaturePropertiesNotFound(c.ID, p[1])
	case protocol.FeatureDesiredProperty:
		if has(p[:3]) {
			return protocol.ErrFeatureDesiredPropertyNotFound(c.ID, p[1], p[3:].String())
		}
		fallthrough
	case protocol.FeatureDesiredProperties:
		return protocol.ErrFeatureDesiredPropertiesNotFound(c.ID, p[1])
	}
	return protocol.ErrThingNotFound(c.ID)
}

func has(doc []byte, p document.Pointer) bool {
	_, ok := document.Get(doc, p)
	return ok
}
