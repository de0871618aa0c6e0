package v1alpha1

// SecretReference names a Secret in the namespace of the object that refers
// to it.
type SecretReference struct {
	// The name of the Secret: a lower-case DNS subdomain of at most 253
	// characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be a lower-case DNS subdomain"
	Name string `json:"name,omitempty"`
}

// ContentReference names one entry of a Secret or of a ConfigMap, in the
// namespace of the object that refers to it. A change of the content takes
// effect as a change of the field that refers to it.
//
// +kubebuilder:validation:XValidation:rule="has(self.secretKeyRef) != has(self.configMapKeyRef)",message="must have either secretKeyRef or configMapKeyRef"
type ContentReference struct {
	// An entry of a Secret. Default: none.
	// +optional
	SecretKeyRef *KeyReference `json:"secretKeyRef,omitempty"`

	// An entry of a ConfigMap. Default: none.
	// +optional
	ConfigMapKeyRef *KeyReference `json:"configMapKeyRef,omitempty"`
}

// KeyReference names one entry of a Secret or of a ConfigMap.
type KeyReference struct {
	// The name of the Secret or ConfigMap: a lower-case DNS subdomain of at
	// most 253 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be a lower-case DNS subdomain"
	Name string `json:"name,omitempty"`

	// The key of the entry: letters, digits, dots, hyphens and underscores; 1
	// to 253 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9._-]+$')",message="must be letters, digits, dots, hyphens and underscores"
	Key string `json:"key,omitempty"`
}
