package v1alpha1

// Authentication lists the ways in which a client proves who it is.
//
// +kubebuilder:validation:XValidation:rule="has(self.basic)",message="at least one authentication method is required: basic"
type Authentication struct {
	// User name and password, sent with every WebSocket handshake.
	// +optional
	Basic *BasicAuthentication `json:"basic,omitempty"`
}

// BasicAuthentication authenticates users from a Secret.
type BasicAuthentication struct {
	// The Secret with the users. Each key is a user name, each value the
	// password's hash: bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14), or argon2id
	// in PHC form with at most 256 MiB of memory, 16 passes and 16 lanes.
	// Removing a user or changing a hash takes effect at once for new
	// sessions.
	// +required
	UsersSecretRef SecretReference `json:"usersSecretRef"`

	// The issuer of the subject a user gets: user "ditto" becomes the subject
	// "nginx:ditto" with the default. Letters, digits, dots, hyphens and
	// underscores; 1 to 64 characters. A change holds for new sessions.
	// Default: nginx, which is what existing policies name.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9._-]+$')",message="must be letters, digits, dots, hyphens and underscores"
	SubjectPrefix *string `json:"subjectPrefix,omitempty"`
}

// SecretReference names a Secret in the namespace of the object that refers
// to it.
type SecretReference struct {
	// The name of the Secret: a lower-case DNS subdomain of at most 253
	// characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be a lower-case DNS subdomain"
	Name string `json:"name"`
}
