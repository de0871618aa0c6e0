package v1alpha1

// OIDCProvider is an OpenID Connect provider whose tokens are accepted. A token
// must be signed by one of its keys, name one of its issuers, not have expired,
// and meet every prerequisite.
type OIDCProvider struct {
	// The name of the provider, and the issuer of the subjects that its tokens
	// give: "keycloak" makes the subject "keycloak:alice" of the token's subject
	// "alice". It should differ from the subjectPrefix of basic. Letters,
	// digits, hyphens and underscores; 1 to 64 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9_-]+$')",message="must be letters, digits, hyphens and underscores"
	Name string `json:"name,omitempty"`

	// What the claim iss of a token may be, 1 to 8 URLs. The scheme and a slash
	// at the end do not count when the two are compared, and no two providers
	// may have the same. Keys are looked up below each URL unless they are given
	// in keys.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Issuers []IssuerURL `json:"issuers,omitempty"`

	// Where the keys come from that tokens are signed with. Default: the
	// discovery document of each issuer.
	// +optional
	Keys *OIDCKeys `json:"keys,omitempty"`

	// Who the tokens may be meant for: one of the values of the claim aud must
	// be here; 1 to 16 texts of 1 to 256 characters without control
	// characters. Default: none, the audience is not checked.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Audiences []Audience `json:"audiences,omitempty"`

	// The subjects that a token gives, in this order; 1 to 16 templates with
	// placeholders jwt:<claim>, as in "{{ jwt:realm/roles }}@{{ jwt:azp }}". A
	// claim that is a list gives a subject for each of its elements, a template
	// with a claim that the token does not have gives none. A token that gives
	// no subject at all is refused. Default: ["{{ jwt:sub }}"].
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Subjects []SubjectTemplate `json:"subjects,omitempty"`

	// Conditions that a token must meet, all of them; 1 to 16 expressions with
	// placeholders jwt:<claim>, as in
	// "{{ jwt:groups | fn:filter('eq','operators') }}". A condition is met if
	// something is left of it. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Prerequisites []Condition `json:"prerequisites,omitempty"`

	// The algorithms that tokens may be signed with, 1 to 9 of them.
	// Default: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=9
	Algorithms []SigningAlgorithm `json:"algorithms,omitempty"`
}

// IssuerURL is the URL of the issuer of tokens: https, or http for networks that
// are closed, a host, and at most a path. Who can alter what is fetched by http
// can make tokens for everybody.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:XValidation:rule="isURL(self) && self.matches('^https?://[][a-zA-Z0-9.:_-]+(/[^?#[:space:][:cntrl:]]*)?$')",message="must be a URL such as https://login.example.com/realms/plant, without user, query and fragment"
type IssuerURL string

// Audience is a value of the claim aud of a token.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
type Audience string

// SubjectTemplate is text with expressions in double braces that stands for
// subjects. Those of a token come behind the name of its provider.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:XValidation:rule="self.split('{{').size() == self.split('}}').size()",message="must have as many {{ as }}"
type SubjectTemplate string

// Condition is an expression in double braces; it is met if it resolves to
// something that is not empty.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:XValidation:rule="self.contains('{{') && self.split('{{').size() == self.split('}}').size()",message="must hold an expression, and have as many {{ as }}"
type Condition string

// SigningAlgorithm is an algorithm that tokens are signed with, by its name in
// JSON Web Algorithms. Algorithms with a shared secret, and none, do not exist
// here.
//
// +kubebuilder:validation:Enum=RS256;RS384;RS512;PS256;PS384;PS512;ES256;ES384;ES512
type SigningAlgorithm string

// OIDCKeys is where the keys come from that tokens are signed with.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.jwks) && has(self.ca))",message="must not have both jwks and ca, which is for fetching keys"
type OIDCKeys struct {
	// The keys themselves, for networks in which the provider cannot be reached:
	// a JSON Web Key Set of at most 64 KiB and 32 keys. At least one must be a
	// public RSA key of 2048 to 4096 bits, or EC key (P-256, P-384, P-521), for
	// signatures and with a kid; others are left out. Nothing is fetched then.
	// Default: none, the keys are fetched from where the discovery document of
	// the issuer says they are.
	// +optional
	JWKS *ContentReference `json:"jwks,omitempty"`

	// The certificates of the authorities that are trusted when keys are
	// fetched, in PEM, at most 256 KiB. Default: none, the authorities that the
	// system trusts.
	// +optional
	CA *ContentReference `json:"ca,omitempty"`
}
