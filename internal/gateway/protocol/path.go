package protocol

import (
	"github.com/twinway/twinway/internal/gateway/document"
)

// ResourceKind is the kind of part of a thing or policy that a path addresses.
type ResourceKind uint8

// The parts of a thing.
const (
	// Root is the whole thing.
	Root ResourceKind = iota
	PolicyID
	Definition
	Attributes
	// Attribute is anything below the attributes.
	Attribute
	Features
	Feature
	FeatureDefinition
	FeatureProperties
	// FeatureProperty is anything below the properties of a feature.
	FeatureProperty
	FeatureDesiredProperties
	// FeatureDesiredProperty is anything below the desired properties of a feature.
	FeatureDesiredProperty
	// LegacyPolicy is the inline policy and anything below it. No command is for it.
	LegacyPolicy
)

// The parts of a policy, of which [Root] is the whole.
const (
	PolicyEntries ResourceKind = iota + LegacyPolicy + 1
	PolicyEntry
	PolicySubjects
	PolicySubject
	PolicyResources
	PolicyResource
	PolicyImportable
	PolicyNamespaces
	PolicyAllowedAdditions
	PolicyReferences
	PolicyImports
	PolicyImport
	PolicyImportEntries
	PolicyImportTransitiveImports
)

// Path addresses a thing, a policy or a part of one. The zero Path addresses the whole.
type Path struct {
	Kind ResourceKind
	// Pointer leads from the whole to the part.
	Pointer document.Pointer
}

// ParsePath reads the path of an envelope about a thing: a JSON pointer whose leading slash is optional and of which one
// trailing slash is ignored. ~0 stands for ~. It does not check the names that clients choose; see [ValidateKey].
//
// Errors: json.pointer.invalid for an empty segment or too many of them, protocoladapter:unknown.path for what things do
// not have.
func ParsePath(s string) (Path, *Error) {
	pointer, err := document.ParsePointer(s)
	if err != nil {
		return Path{}, ErrPointerInvalid(s)
	}
	kind, ok := kindOf(pointer)
	if !ok {
		return Path{}, ErrPathUnknown(s)
	}
	return Path{Kind: kind, Pointer: pointer}, nil
}

func kindOf(p document.Pointer) (ResourceKind, bool) {
	if len(p) == 0 {
		return Root, true
	}
	switch p[0] {
	case "policyId":
		return PolicyID, len(p) == 1
	case "definition":
		return Definition, len(p) == 1
	case "attributes":
		return containerOr(p, 1, Attributes, Attribute), true
	case "features":
		return featureKind(p)
	case "_policy":
		return LegacyPolicy, true
	}
	return 0, false
}

// featureKind is kindOf for pointers that begin with features.
func featureKind(p document.Pointer) (ResourceKind, bool) {
	if len(p) <= 2 {
		return containerOr(p, 1, Features, Feature), true
	}
	switch p[2] {
	case "definition":
		return FeatureDefinition, len(p) == 3
	case "properties":
		return containerOr(p, 3, FeatureProperties, FeatureProperty), true
	case "desiredProperties":
		return containerOr(p, 3, FeatureDesiredProperties, FeatureDesiredProperty), true
	}
	return 0, false
}

// containerOr returns container for a pointer of the given length, and below for a longer one.
func containerOr(p document.Pointer, length int, container, below ResourceKind) ResourceKind {
	if len(p) == length {
		return container
	}
	return below
}

// Append appends the path as text: "/" or a slash before each segment, with ~ as ~0 unless it is a path in a policy.
func (p Path) Append(dst []byte) []byte {
	switch {
	case len(p.Pointer) == 0:
		return append(dst, '/')
	case p.Kind > LegacyPolicy:
		return p.appendVerbatim(dst)
	}
	return p.Pointer.Append(dst)
}

// String returns the path as text.
func (p Path) String() string { return string(p.Append(nil)) }

// appendJSON appends the path as a JSON string.
func (p Path) appendJSON(dst []byte) []byte {
	start := len(dst)
	return quote(p.Append(append(dst, '"')), start)
}
