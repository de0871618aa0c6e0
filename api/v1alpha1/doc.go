// Package v1alpha1 holds the types of the API group twinway.dev, version
// v1alpha1, and nothing else.
//
// The types are what a user writes and what a cluster stores. They carry no
// defaults for spec and no behaviour: the values that take effect where a
// field is left out live in one function, compile.Effective, and the rules
// written here as CEL are checked again when a manifest is compiled. Defaults
// on status exist for one reason: an object is born unready.
//
// Invariants: every string, list and map is bounded, every list has a list
// type, choices are enums rather than booleans, and secrets are only
// referenced by name in the namespace of the object.
//
// +kubebuilder:object:generate=true
// +kubebuilder:ac:generate=true
// +kubebuilder:ac:output:package=applyconfiguration
// +groupName=twinway.dev
package v1alpha1
