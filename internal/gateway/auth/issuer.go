package auth

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// Issuer is who issues tokens, under one or more names, and what is expected of the tokens.
type Issuer struct {
	// Key is put before the subjects, with a colon between. It is not empty, has no colon or control character, and is no
	// other issuer's. It should not be the prefix of users who authenticate in other ways.
	Key string
	// Issuers are the names that tokens have in the claim iss: URLs, whose scheme may be left out. Scheme and trailing
	// slashes do not count when names are compared. Unless there is a JWKS, the names are where the keys are fetched
	// from, with https unless a name begins with http://.
	Issuers []string
	// JWKS are the keys (RFC 7517), for networks from which the issuer cannot be reached. If there are some, none are
	// fetched.
	JWKS []byte
	// CA are the certificates, in PEM, that the issuer's server is to be verified with. Default: those of the system.
	CA []byte
	// Subjects are what the subjects are made of, in terms of the claims. Those that have no value are left out. Default:
	// [DefaultSubjects].
	Subjects []*placeholder.Template
	// Prerequisites must each have a value that is not empty.
	Prerequisites []*placeholder.Template
	// Audiences are of which the claim aud must name one. Default: the claim does not matter.
	Audiences []string
	// Algorithms are how tokens may be signed, for example "RS256". Default: RS, PS and ES with 256, 384 and 512, and
	// there are no others.
	Algorithms []string
	// ClockSkew is by how much the clocks of the issuer and the gateway may differ. Default: 10 s.
	ClockSkew time.Duration
}

// DefaultSubjects makes the only subject of the claim sub.
const DefaultSubjects = "{{ jwt:sub }}"

const defaultClockSkew = 10 * time.Second

// algorithms are all that can be allowed: those with which nobody but the issuer can sign. A symmetric algorithm would make
// a secret of a key that everybody knows.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
}

// issuer is an Issuer under one of its names, with its keys.
type issuer struct {
	Issuer
	keys keys
}

// issuerName returns the name of an issuer as it is compared.
func issuerName(url string) string {
	name, ok := strings.CutPrefix(url, "https://")
	if !ok {
		name = strings.TrimPrefix(url, "http://")
	}
	return strings.TrimRight(name, "/")
}

func (i *issuer) allows(a jose.SignatureAlgorithm) bool {
	return slices.Contains(i.Algorithms, string(a))
}

// maxExpiry is the end of the year 9999, in seconds since 1970. Later, times are no longer what they seem.
const maxExpiry = 253402300799

// validate checks when and for whom the token is.
func (i *issuer) validate(c *jwt.Claims, now time.Time) error {
	if c.Expiry == nil || *c.Expiry > maxExpiry {
		return errTokenNoExpiry
	}
	err := c.ValidateWithLeeway(jwt.Expected{AnyAudience: i.Audiences, Time: now}, i.ClockSkew)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jwt.ErrInvalidAudience):
		return errTokenAudience
	}
	return errTokenTime
}

// meets checks the prerequisites. One with more values than can be looked at is not fulfilled.
func (i *issuer) meets(c *claims) error {
	for _, prerequisite := range i.Prerequisites {
		values, err := prerequisite.Resolve(c)
		if err != nil || !slices.ContainsFunc(values, func(v string) bool { return v != "" }) {
			return ErrConditionFailed
		}
	}
	return nil
}

// subjects returns the subjects that the token stands for, at least one.
func (i *issuer) subjects(c *claims) (Subjects, error) {
	var found collected
	for _, template := range i.Subjects {
		values, err := template.Resolve(c)
		if errors.Is(err, placeholder.ErrTooManyResults) {
			return nil, ErrTooManySubjects
		}
		for _, value := range values {
			if value == "" {
				continue
			}
			if err := found.add(i.Key + ":" + value); err != nil {
				return nil, err
			}
		}
	}
	if len(found.subjects) == 0 {
		return nil, errTokenNoSubject
	}
	return found.subjects, nil
}
