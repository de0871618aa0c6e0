package v1alpha1

// HTTP is how the HTTP API is served, beside the WebSocket endpoint.
type HTTP struct {
	// Which pages of other origins may use the HTTP API from a browser. A change
	// holds for requests from then on. Default: none.
	// +optional
	CORS *CORS `json:"cors,omitempty"`
}

// CORS says which pages of other origins may use the HTTP API from a browser.
//
// +kubebuilder:validation:XValidation:rule="!('*' in self.allowedOrigins) || self.?credentials.orValue('Disabled') == 'Disabled'",fieldPath=".credentials",message="must be Disabled for all origins; name the origins that may send credentials"
type CORS struct {
	// The origins of the pages, such as https://example.com, at most 64; * stands
	// for all. An origin is compared as a whole: with its scheme, in lower case,
	// and with its port unless that is the usual one.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	AllowedOrigins []Origin `json:"allowedOrigins,omitempty"`

	// Whether browsers may send the credentials that they keep for the gateway:
	// Enabled or Disabled. It takes named origins. Pages that send a header
	// Authorization of their own do not need it. Default: Disabled.
	// +optional
	Credentials *Toggle `json:"credentials,omitempty"`

	// For how long browsers may remember what they may send, 0s to 24h.
	// Default: 10m.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('24h')",message="must be between 0s and 24h"
	MaxAge *Duration `json:"maxAge,omitempty"`
}

// Origin is the origin of pages, such as https://example.com or
// http://localhost:3000, or * for all origins.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^([*]|[a-z][a-z0-9+.-]*://([a-z0-9]([-a-z0-9.]*[a-z0-9])?|[[][0-9a-f:.]+[]])(:[0-9]{1,5})?)$')",message="must be an origin in lower case without a path, such as https://example.com, or *"
type Origin string
