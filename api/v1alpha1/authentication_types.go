package v1alpha1

// Authentication lists the ways in which a client proves who it is. With
// several, the first that a handshake has credentials for decides:
// pre-authenticated subjects, then a token, then user name and password.
//
// +kubebuilder:validation:XValidation:rule="has(self.basic) || has(self.oidc) || has(self.preAuthenticated)",message="at least one authentication method is required: basic, oidc or preAuthenticated"
type Authentication struct {
	// User name and password, sent with every WebSocket handshake.
	// +optional
	Basic *BasicAuthentication `json:"basic,omitempty"`

	// Bearer tokens (JWT) of OpenID Connect providers; 1 to 16 providers. A
	// change holds for new sessions and for tokens that open sessions renew.
	// Default: none, tokens are not accepted.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	OIDC []OIDCProvider `json:"oidc,omitempty"`

	// Subjects that a proxy in front of the gateway has authenticated already.
	// Default: none, the header is ignored.
	// +optional
	PreAuthenticated *PreAuthentication `json:"preAuthenticated,omitempty"`

	// By how much the clocks of the issuers of tokens and of this gateway may
	// differ: a token is accepted this long before it begins and after it ends,
	// 0s to 5m. A change holds for new sessions and for tokens that open
	// sessions renew. Default: 10s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('5m')",message="must be between 0s and 5m"
	ClockSkew *Duration `json:"clockSkew,omitempty"`

	// What the subjects are made of that token integration adds to entries of
	// policies: a template of 1 to 512 characters with placeholders jwt:<claim>
	// and policy-entry:label. A claim that is a list gives a subject for each of
	// its elements. A change holds for actions from then on, also for those that
	// remove subjects.
	// Default: "integration:{{ policy-entry:label }}:{{ jwt:aud }}".
	// +optional
	TokenIntegrationSubject *SubjectTemplate `json:"tokenIntegrationSubject,omitempty"`
}

// BasicAuthentication authenticates users from a Secret.
type BasicAuthentication struct {
	// The Secret with the users. Each key is a user name, each value the
	// password's hash: bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14), or argon2id
	// in PHC form with at most 256 MiB of memory, 16 passes and 16 lanes.
	// Removing a user or changing a hash takes effect at once for new
	// sessions.
	// +required
	UsersSecretRef SecretReference `json:"usersSecretRef,omitzero"`

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

// PreAuthenticationSource names where pre-authenticated subjects are taken
// from.
//
// +kubebuilder:validation:Enum=Header;HeaderOrQuery
type PreAuthenticationSource string

const (
	// PreAuthenticationHeader takes them from a header of the handshake.
	PreAuthenticationHeader PreAuthenticationSource = "Header"
	// PreAuthenticationHeaderOrQuery takes them from a query parameter of the
	// same name as well.
	PreAuthenticationHeaderOrQuery PreAuthenticationSource = "HeaderOrQuery"
)

// PreAuthentication trusts the header x-ditto-pre-authenticated, a list of
// subjects with commas between them, without any further proof.
//
// Whoever can send the header is whoever they say they are. It is safe only
// where no client reaches the gateway but through a proxy that authenticates it
// and that removes the header, and the query parameter of that name, from what
// clients send.
type PreAuthentication struct {
	// Where the subjects are taken from: Header, or HeaderOrQuery, which takes
	// them from a query parameter of the same name as well. Query parameters end
	// up in logs, and proxies seldom remove them. A change holds for new
	// sessions.
	// +required
	Source PreAuthenticationSource `json:"source,omitempty"`
}
