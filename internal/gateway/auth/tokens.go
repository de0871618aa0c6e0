package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// maxToken bounds the length of a token, in bytes.
const maxToken = 8 << 10

// TokenOptions configure [NewTokens].
type TokenOptions struct {
	// Issuers are whose tokens are taken. Without any, every token is refused.
	Issuers []Issuer
	// FetchTimeout bounds the fetching of an issuer's keys, that of its configuration included. Default: 5 s.
	FetchTimeout time.Duration
	// Fetched, if set, is told the outcome of every fetch: the issuer, without scheme, and what went wrong, if anything
	// did. It is called by the goroutine that fetched, must not block, and must not call Close.
	Fetched func(issuer string, err error)
	// Clock tells the time. Default: time.Now.
	Clock func() time.Time
}

func (o TokenOptions) withDefaults() (TokenOptions, error) {
	if o.FetchTimeout < 0 {
		return o, fmt.Errorf("auth: negative fetch timeout %s", o.FetchTimeout)
	}
	if o.FetchTimeout == 0 {
		o.FetchTimeout = 5 * time.Second
	}
	if o.Fetched == nil {
		o.Fetched = func(string, error) {}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o, nil
}

// Tokens authenticates with JSON Web Tokens. It is safe for concurrent use, and has to be closed.
//
// Every token is verified whenever it is presented: that is cheap enough, and nothing has to be forgotten when keys or
// issuers change.
type Tokens struct {
	options TokenOptions
	fetches *fetches

	update sync.Mutex // held while the trusted issuers are exchanged
	trust  atomic.Pointer[trust]
}

// NewTokens returns a provider for tokens of the given issuers. It fails if the configuration of one cannot be used. It
// fetches nothing before a token arrives.
func NewTokens(o TokenOptions) (*Tokens, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	t := &Tokens{options: o, fetches: newFetches()}
	if err := t.Update(o.Issuers); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Update replaces the issuers. Keys that were fetched from an issuer are kept if it is still there, to be reached in the
// same way. Who authenticates meanwhile does so against the old or the new issuers, never against a mixture. If the
// configuration of one cannot be used, nothing changes.
func (t *Tokens) Update(issuers []Issuer) error {
	t.update.Lock()
	defer t.update.Unlock()
	next, err := newTrust(issuers, t.trust.Load(), t.newPublished)
	if err != nil {
		return err
	}
	t.trust.Store(next)
	return nil
}

// Close ends what is being fetched, and waits for it. Tokens whose keys are known are taken as before.
func (t *Tokens) Close() { t.fetches.close() }

// Admits tells whether tokens of the kind that the identity came from are still taken: whether there is an issuer with the
// key that its subjects begin with. It is false for identities of other kinds.
func (t *Tokens) Admits(id Identity) bool {
	if id.Kind != KindJWT || len(id.Subjects) == 0 {
		return false
	}
	return t.trust.Load().hasKey(id.Subjects[0])
}

// Authenticate implements [Provider]. Its errors are ErrNoCredentials, ErrMultipleTokens, and those of Renew.
func (t *Tokens) Authenticate(ctx context.Context, r *http.Request) (Identity, error) {
	token, err := bearerToken(r)
	if err != nil {
		return Identity{}, err
	}
	return t.Renew(ctx, token)
}

// Renew returns who a token stands for. The identity expires with it. The errors are ErrTokenInvalid, ErrIssuerUnknown,
// ErrConditionFailed, ErrKeysUnavailable and ErrTooManySubjects. If keys have to be fetched it waits for that no longer
// than ctx allows.
func (t *Tokens) Renew(ctx context.Context, token string) (Identity, error) {
	signed, err := parseToken(token)
	if err != nil {
		return Identity{}, err
	}
	from, ok := t.trust.Load().issuers[issuerName(signed.issuer)]
	if !ok {
		return Identity{}, ErrIssuerUnknown
	}
	claims, err := signed.verify(ctx, from)
	if err != nil {
		return Identity{}, err
	}
	if err := from.validate(&claims.registered, t.options.Clock()); err != nil {
		return Identity{}, err
	}
	if err := from.meets(claims); err != nil {
		return Identity{}, err
	}
	subjects, err := from.subjects(claims)
	if err != nil {
		return Identity{}, err
	}
	return Identity{
		Kind: KindJWT, User: subjects[0], Subjects: subjects, Expires: claims.registered.Expiry.Time(), Claims: claims,
	}, nil
}

// invalid is an ErrTokenInvalid with a reason, which must not come from the token.
func invalid(reason string) error { return fmt.Errorf("%w: %s", ErrTokenInvalid, reason) }

var (
	errTokenMalformed = invalid("malformed, or of an algorithm that is never allowed")
	errTokenAlgorithm = invalid("algorithm not allowed for the issuer")
	errTokenSignature = invalid("wrong signature")
	errTokenKey       = invalid("no such key")
	errTokenNoKey     = invalid("no key id")
	errTokenNoIssuer  = invalid("no issuer")
	errTokenHeader    = invalid("critical header")
	errTokenNoExpiry  = invalid("no expiry")
	errTokenTime      = invalid("expired, or not valid yet")
	errTokenAudience  = invalid("for another audience")
	errTokenNoSubject = invalid("no subject")
)

// signedToken is a token whose signature was not looked at. Its issuer says only where to look for the key.
type signedToken struct {
	token     *jwt.JSONWebToken
	algorithm jose.SignatureAlgorithm
	keyID     string
	issuer    string
}

func parseToken(text string) (*signedToken, error) {
	if len(text) > maxToken {
		return nil, errTokenMalformed
	}
	token, err := jwt.ParseSigned(text, algorithms)
	if err != nil || len(token.Headers) != 1 {
		return nil, errTokenMalformed
	}
	header := token.Headers[0]
	// Extensions change what the signature means, and a token has no use for any.
	for _, name := range []jose.HeaderKey{"crit", "b64"} {
		if _, ok := header.ExtraHeaders[name]; ok {
			return nil, errTokenHeader
		}
	}
	if header.KeyID == "" {
		return nil, errTokenNoKey
	}
	var from struct {
		Issuer string `json:"iss"`
	}
	if err := token.UnsafeClaimsWithoutVerification(&from); err != nil {
		return nil, errTokenMalformed
	}
	if from.Issuer == "" {
		return nil, errTokenNoIssuer
	}
	return &signedToken{token, jose.SignatureAlgorithm(header.Algorithm), header.KeyID, from.Issuer}, nil
}

// verify returns the claims if the token is signed by a key of the issuer.
func (s *signedToken) verify(ctx context.Context, from *issuer) (*claims, error) {
	if !from.allows(s.algorithm) {
		return nil, errTokenAlgorithm
	}
	key, err := from.keys.find(ctx, s.keyID, s.algorithm)
	if err != nil {
		return nil, err
	}
	c := &claims{}
	var payload json.RawMessage
	if err := s.token.Claims(key, &payload, &c.registered); err != nil {
		if errors.Is(err, jose.ErrCryptoFailure) {
			return nil, errTokenSignature
		}
		return nil, errTokenMalformed
	}
	if err := c.take(payload); err != nil {
		return nil, errTokenMalformed
	}
	return c, nil
}
