package v1alpha1

import "k8s.io/apimachinery/pkg/api/resource"

// StorageType names the engine that keeps things and policies.
//
// +kubebuilder:validation:Enum=Embedded
type StorageType string

// StorageEmbedded is the built-in engine: one directory with one writer.
const StorageEmbedded StorageType = "Embedded"

// Storage is where things and policies are kept.
type Storage struct {
	// The engine: Embedded, a directory that belongs to this gateway alone.
	// A change needs a restart. Default: Embedded.
	// +optional
	Type *StorageType `json:"type,omitempty"`

	// Memory for what was read from disk and for things in use, in bytes, 1Mi
	// to 64Gi. It fills on demand and is part of the memory of the process. A
	// change needs a restart. Default: 64Mi.
	// +optional
	// +kubebuilder:validation:XValidation:rule="string(self).matches('^[0-9]{1,12}(Ki|Mi|Gi|k|M|G)?$') && quantity(string(self)).compareTo(quantity('1Mi')) >= 0 && quantity(string(self)).compareTo(quantity('64Gi')) <= 0",message="must be a whole number of bytes between 1Mi and 64Gi"
	CacheSize *resource.Quantity `json:"cacheSize,omitempty"`

	// The volume of the store in a cluster. Default: the default of each field.
	// +optional
	Volume *Volume `json:"volume,omitempty"`

	// What is kept of the past.
	// +optional
	History *History `json:"history,omitempty"`
}

// History is what is kept of the changes that led to the current state.
type History struct {
	// How many of its latest changes are kept for each thing and each policy,
	// 1 to 100000; up to 15 more may be. Records above a lowered count go away
	// when the entity next changes. Default: 100.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 100000",message="must be between 1 and 100000"
	MaxRecords *int32 `json:"maxRecords,omitempty"`

	// How long changes are kept at most, 1h to 87600h. Older ones are deleted
	// in the background, also those that maxRecords would keep, 16 at a time:
	// the latest of these says how old they are. The current state stays.
	// Default: any age.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1h') && duration(self) <= duration('87600h')",message="must be between 1h and 87600h"
	MaxAge *Duration `json:"maxAge,omitempty"`
}
