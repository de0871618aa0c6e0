package v1alpha1

// ConnectionCredentials are how the gateway proves who it is, in exactly one
// way.
//
// +kubebuilder:validation:XValidation:rule="[has(self.basic), has(self.bearer), has(self.oauth2), has(self.clientCertificate), has(self.hmac)].filter(x, x).size() == 1",message="must have exactly one of basic, bearer, oauth2, clientCertificate and hmac"
type ConnectionCredentials struct {
	// A Secret with the keys username and password. Default: none.
	// +optional
	Basic *SecretReference `json:"basic,omitempty"`

	// A token that is sent as it is. Default: none.
	// +optional
	Bearer *KeyReference `json:"bearer,omitempty"`

	// A token that is fetched with the client credentials grant. Default: none.
	// +optional
	OAuth2 *OAuth2ClientCredentials `json:"oauth2,omitempty"`

	// A Secret of type kubernetes.io/tls, with the keys tls.crt and tls.key.
	// Default: none.
	// +optional
	ClientCertificate *SecretReference `json:"clientCertificate,omitempty"`

	// A key with which each request of HTTPPush is signed. Default: none.
	// +optional
	HMAC *HMACCredentials `json:"hmac,omitempty"`
}

// OAuth2ClientCredentials fetches tokens with the client credentials grant.
type OAuth2ClientCredentials struct {
	// Where tokens are fetched, an HTTPS URL of 1 to 2048 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^https://[^/@?#[:space:][:cntrl:]]+(/[^@#[:space:][:cntrl:]]*)?$')",message="must be an HTTPS URL without user name and fragment"
	TokenEndpoint string `json:"tokenEndpoint,omitempty"`

	// A Secret with the keys client-id and client-secret.
	// +required
	ClientSecretRef SecretReference `json:"clientSecretRef,omitzero"`

	// The scopes that are asked for, at most 16. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Scopes []Scope `json:"scopes,omitempty"`

	// The audience that is asked for. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
	Audience *string `json:"audience,omitempty"`
}

// Scope is a scope of OAuth 2.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[[:graph:]]+$') && !self.contains('\"')",message="must be printable ASCII characters without spaces and quotes"
type Scope string

// HMACAlgorithm says how requests are signed.
//
// +kubebuilder:validation:Enum=AWS4-HMAC-SHA256;AzureMonitor-2016-04-01;AzureSAS
type HMACAlgorithm string

const (
	// HMACAWS4 is version 4 of Amazon's signatures.
	HMACAWS4 HMACAlgorithm = "AWS4-HMAC-SHA256"
	// HMACAzureMonitor is that of Azure Monitor's data collector.
	HMACAzureMonitor HMACAlgorithm = "AzureMonitor-2016-04-01"
	// HMACAzureSAS are shared access signatures of Azure.
	HMACAzureSAS HMACAlgorithm = "AzureSAS"
)

// HMACCredentials sign each request with a key that both ends know.
//
// +kubebuilder:validation:XValidation:rule="self.algorithm != 'AWS4-HMAC-SHA256' || has(self.region) && has(self.service)",message="region and service are required for algorithm AWS4-HMAC-SHA256"
// +kubebuilder:validation:XValidation:rule="self.algorithm == 'AWS4-HMAC-SHA256' || !has(self.region) && !has(self.service) && !has(self.contentHash) && !has(self.pathEncoding) && !has(self.signedHeaders)",message="region, service, contentHash, pathEncoding and signedHeaders are for algorithm AWS4-HMAC-SHA256"
// +kubebuilder:validation:XValidation:rule="self.algorithm != 'AzureSAS' || has(self.endpoint)",message="endpoint is required for algorithm AzureSAS"
// +kubebuilder:validation:XValidation:rule="self.algorithm == 'AzureSAS' || !has(self.endpoint) && !has(self.ttl)",message="endpoint and ttl are for algorithm AzureSAS"
type HMACCredentials struct {
	// How requests are signed: AWS4-HMAC-SHA256, AzureMonitor-2016-04-01 or
	// AzureSAS.
	// +required
	Algorithm HMACAlgorithm `json:"algorithm,omitempty"`

	// A Secret with the key and its name: with the keys access-key and secret-key
	// for AWS4-HMAC-SHA256, workspace-id and shared-key for
	// AzureMonitor-2016-04-01, shared-key-name and shared-key for AzureSAS. Shared
	// keys are in base64, as Azure shows them.
	// +required
	SecretRef SecretReference `json:"secretRef,omitzero"`

	// The region of the service, such as eu-central-1; for AWS4-HMAC-SHA256, which
	// requires it. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9-]+$')",message="must be letters, digits and hyphens"
	Region *string `json:"region,omitempty"`

	// The service, such as execute-api or s3; for AWS4-HMAC-SHA256, which requires
	// it. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9-]+$')",message="must be letters, digits and hyphens"
	Service *string `json:"service,omitempty"`

	// What AWS4-HMAC-SHA256 says of the content: Excluded signs it without a header
	// that says so, Included adds and signs the header x-amz-content-sha256,
	// Unsigned leaves the content out of the signature. S3 asks for Included or
	// Unsigned. Default: Excluded.
	// +optional
	ContentHash *ContentHash `json:"contentHash,omitempty"`

	// How often AWS4-HMAC-SHA256 encodes the path that it signs: Twice, or Once,
	// which is what S3 asks for. Default: Twice.
	// +optional
	PathEncoding *PathEncoding `json:"pathEncoding,omitempty"`

	// The headers that AWS4-HMAC-SHA256 signs, 1 to 16; host is always one of them.
	// Default: ["host"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	SignedHeaders []HeaderName `json:"signedHeaders,omitempty"`

	// The resource that AzureSAS gives access to, such as
	// https://plant.servicebus.windows.net/hub; AzureSAS requires it. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^[[:graph:]]+$')",message="must be printable ASCII characters without spaces"
	Endpoint *string `json:"endpoint,omitempty"`

	// How long a signature of AzureSAS is valid, 1m to 8760h. Default: 168h.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('8760h')",message="must be between 1m and 8760h"
	TTL *Duration `json:"ttl,omitempty"`
}

// ContentHash says what a signature says of the content.
//
// +kubebuilder:validation:Enum=Excluded;Included;Unsigned
type ContentHash string

const (
	// ContentHashExcluded signs the content, and has no header that says so.
	ContentHashExcluded ContentHash = "Excluded"
	// ContentHashIncluded signs the content, and has a header that says so.
	ContentHashIncluded ContentHash = "Included"
	// ContentHashUnsigned does not sign the content.
	ContentHashUnsigned ContentHash = "Unsigned"
)

// PathEncoding says how often a path is encoded before it is signed.
//
// +kubebuilder:validation:Enum=Once;Twice
type PathEncoding string

const (
	// PathEncodedOnce is for S3.
	PathEncodedOnce PathEncoding = "Once"
	// PathEncodedTwice is for all other services.
	PathEncodedTwice PathEncoding = "Twice"
)

// HeaderName is the name of a header.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9-]+$')",message="must be lower-case letters, digits and hyphens"
type HeaderName string
