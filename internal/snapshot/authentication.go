package snapshot

import (
	"cmp"
	"time"
)

// Authentication is who may connect. A method that is nil or empty is switched
// off; at least one is not.
type Authentication struct {
	// Basic authenticates by user name and password.
	Basic *BasicAuthentication `json:"basic,omitempty"`
	// OIDC authenticates by tokens of these providers, sorted by name; empty
	// when tokens are not accepted.
	OIDC []OIDCProvider `json:"oidc,omitempty"`
	// PreAuthenticated trusts subjects that a proxy has authenticated.
	PreAuthenticated *PreAuthentication `json:"preAuthenticated,omitempty"`
	// ClockSkew is by how much the clocks of issuers and of the gateway may
	// differ. Encoded in nanoseconds.
	ClockSkew time.Duration `json:"clockSkew"`
	// TokenIntegrationSubject is what the subjects are made of that token
	// integration adds to policies: a template with the prefixes jwt and
	// policy-entry; empty for [DefaultTokenIntegrationSubject].
	TokenIntegrationSubject string `json:"tokenIntegrationSubject,omitempty"`
}

// DefaultTokenIntegrationSubject makes a subject of each audience of a token, for
// each entry.
const DefaultTokenIntegrationSubject = "integration:{{ policy-entry:label }}:{{ jwt:aud }}"

// TokenIntegrationSubjects returns what the subjects are made of that token
// integration adds to policies.
func (a *Authentication) TokenIntegrationSubjects() string {
	return cmp.Or(a.TokenIntegrationSubject, DefaultTokenIntegrationSubject)
}

// BasicAuthentication authenticates by user name and password.
type BasicAuthentication struct {
	// SubjectPrefix comes before the user name, with a colon between them, in
	// the authorization subject.
	SubjectPrefix string `json:"subjectPrefix"`
	// Users has at least one entry, from the user name to the hash of the
	// password.
	Users map[string]PasswordHash `json:"users"`
}

// OIDCProvider is an OpenID Connect provider whose tokens are accepted.
type OIDCProvider struct {
	// Name comes before what Subjects resolve to, with a colon between them, in
	// the authorization subjects.
	Name string `json:"name"`
	// Issuers are URLs with the scheme https or http, at least one and sorted. No
	// two of all providers are the same without scheme and slashes at the end,
	// which is how they are compared with the claim iss of a token.
	Issuers []string `json:"issuers"`
	// JWKS is a JSON Web Key Set of public keys that replaces fetching keys;
	// empty when keys are fetched.
	JWKS Content `json:"jwks,omitempty"`
	// CA is the certificates, in PEM, of the authorities that are trusted when
	// keys are fetched; empty for those that the system trusts.
	CA Content `json:"ca,omitempty"`
	// Audiences are those of which a token must name one, sorted; empty when the
	// audience is not checked.
	Audiences []string `json:"audiences,omitempty"`
	// Subjects are templates of placeholders with the prefix jwt, at least one.
	// Their order is that of the subjects of a session.
	Subjects []string `json:"subjects"`
	// Prerequisites are templates like Subjects, every one of which must resolve
	// to something that is not empty.
	Prerequisites []string `json:"prerequisites,omitempty"`
	// Algorithms are the names of the signing algorithms that are accepted, at
	// least one and sorted.
	Algorithms []string `json:"algorithms"`
}

// PreAuthenticationSource names where pre-authenticated subjects are taken
// from.
type PreAuthenticationSource string

const (
	// PreAuthenticationHeader takes them from the header.
	PreAuthenticationHeader PreAuthenticationSource = "Header"
	// PreAuthenticationHeaderOrQuery takes them from a query parameter as well.
	PreAuthenticationHeaderOrQuery PreAuthenticationSource = "HeaderOrQuery"
)

// PreAuthentication trusts subjects that a proxy has authenticated.
type PreAuthentication struct {
	// Source is where the subjects are taken from.
	Source PreAuthenticationSource `json:"source"`
}
