package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// keys are the keys of an issuer.
type keys interface {
	// find returns the key with the id for the algorithm. The errors are ErrTokenInvalid: there is none, and
	// ErrKeysUnavailable. If keys have to be fetched, it waits no longer than ctx allows.
	find(ctx context.Context, id string, algorithm jose.SignatureAlgorithm) (*jose.JSONWebKey, error)
}

// trust is whose tokens are taken, at one moment. It does not change; an update makes a new one.
type trust struct {
	issuers   map[string]*issuer // by name
	keys      map[string]bool    // of the issuers
	published map[endpoint]*published
}

// newTrust takes over the keys that previous, which may be nil, has fetched from the same places. The error names the
// issuer that cannot be used.
func newTrust(issuers []Issuer, previous *trust, fetch func(endpoint) (*published, error)) (*trust, error) {
	t := &trust{
		issuers: make(map[string]*issuer), keys: make(map[string]bool), published: make(map[endpoint]*published),
	}
	for _, i := range issuers {
		if err := t.add(i, previous, fetch); err != nil {
			return nil, fmt.Errorf("auth: issuer %.*q: %w", maxUserName, i.Key, err)
		}
	}
	return t, nil
}

func (t *trust) add(i Issuer, previous *trust, fetch func(endpoint) (*published, error)) error {
	i, err := i.withDefaults()
	if err != nil {
		return err
	}
	if t.keys[i.Key] {
		return fmt.Errorf("another issuer has the same key")
	}
	t.keys[i.Key] = true
	for _, url := range i.Issuers {
		name := issuerName(url)
		if _, ok := t.issuers[name]; ok || name == "" {
			return fmt.Errorf("name %q is empty, or given twice", url)
		}
		k, err := t.keysOf(i, url, previous, fetch)
		if err != nil {
			return err
		}
		t.issuers[name] = &issuer{i, k}
	}
	return nil
}

// keysOf returns the keys of the issuer under one of its names.
func (t *trust) keysOf(i Issuer, url string, previous *trust, fetch func(endpoint) (*published, error)) (keys, error) {
	if len(i.JWKS) > 0 {
		set, err := parseKeys(i.JWKS)
		return set, err
	}
	at, err := newEndpoint(url, i.CA)
	if err != nil {
		return nil, err
	}
	if previous != nil {
		if known, ok := previous.published[at]; ok {
			t.published[at] = known
			return known, nil
		}
	}
	p, err := fetch(at)
	if err != nil {
		return nil, err
	}
	t.published[at] = p
	return p, nil
}

// hasKey tells whether the subject begins with the key of an issuer.
func (t *trust) hasKey(subject string) bool {
	key, _, found := strings.Cut(subject, ":")
	return found && t.keys[key]
}

func (i Issuer) withDefaults() (Issuer, error) {
	if i.Key == "" || strings.Contains(i.Key, ":") || hasControl(i.Key) {
		return i, fmt.Errorf("key is empty, or has a colon or control character")
	}
	if len(i.Issuers) == 0 {
		return i, fmt.Errorf("no name")
	}
	if i.ClockSkew < 0 {
		return i, fmt.Errorf("negative clock skew %s", i.ClockSkew)
	}
	if i.ClockSkew == 0 {
		i.ClockSkew = defaultClockSkew
	}
	if len(i.Subjects) == 0 {
		only, err := placeholder.Parse(DefaultSubjects)
		if err != nil {
			return i, err
		}
		i.Subjects = []*placeholder.Template{only}
	}
	if err := i.checkAlgorithms(); err != nil {
		return i, err
	}
	return i, i.checkTemplates()
}

func (i *Issuer) checkAlgorithms() error {
	if len(i.Algorithms) == 0 {
		for _, a := range algorithms {
			i.Algorithms = append(i.Algorithms, string(a))
		}
	}
	for _, a := range i.Algorithms {
		if !slices.Contains(algorithms, jose.SignatureAlgorithm(a)) {
			return fmt.Errorf("algorithm %q cannot be allowed", a)
		}
	}
	return nil
}

// checkTemplates refuses placeholders that are nothing a token could say.
func (i *Issuer) checkTemplates() error {
	for _, template := range slices.Concat(i.Subjects, i.Prerequisites) {
		for _, used := range template.Placeholders() {
			if used.Prefix != claimPrefix {
				return fmt.Errorf("unknown placeholder %q in %q", used, template)
			}
		}
	}
	return nil
}
