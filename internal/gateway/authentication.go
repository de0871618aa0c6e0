package gateway

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/access"
	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// authentication is everything that decides who opens a session. All of it
// exists whether or not it is configured, so that it can be switched on live.
type authentication struct {
	pre    *auth.PreAuthenticated
	tokens *auth.Tokens
	basic  *auth.Basic
	rules  atomic.Pointer[access.Rules]
	// integrated is what the subjects are made of that token integration adds.
	integrated atomic.Pointer[placeholder.Template]
}

// newAuthentication makes it of a snapshot; close it.
func newAuthentication(s *snapshot.Snapshot, log *slog.Logger) (*authentication, error) {
	settings, err := newAuthenticationSettings(s)
	if err != nil {
		return nil, err
	}
	a := &authentication{pre: auth.NewPreAuthenticated(settings.pre, settings.preQuery)}
	a.rules.Store(&settings.rules)
	a.integrated.Store(settings.integrated)
	if a.tokens, err = auth.NewTokens(auth.TokenOptions{Issuers: settings.issuers, Fetched: fetched(log)}); err != nil {
		return nil, fmt.Errorf("issuers of tokens: %w", err)
	}
	a.basic, err = auth.NewBasic(auth.Options{
		Users: settings.users, SubjectPrefix: settings.prefix, FailuresPerMinute: s.Limits.Authentication.FailuresPerMinute,
	})
	if err != nil {
		a.tokens.Close()
		return nil, fmt.Errorf("users: %w", err)
	}
	return a, nil
}

// fetched logs what came of fetching the keys of an issuer.
func fetched(log *slog.Logger) func(string, error) {
	return func(issuer string, err error) {
		if err != nil {
			log.Warn("keys of an issuer could not be fetched", "issuer", issuer, "error", err)
			return
		}
		log.Info("keys of an issuer fetched", "issuer", issuer)
	}
}

// chain returns the ways to authenticate, in the order of the protocol.
func (a *authentication) chain() auth.Chain { return auth.Chain{a.pre, a.tokens, a.basic} }

// apply takes over a snapshot, or nothing of it if it cannot be used.
func (a *authentication) apply(s *snapshot.Snapshot) error {
	settings, err := newAuthenticationSettings(s)
	if err != nil {
		return err
	}
	// What may fail comes first: the users once more, where nobody sees it.
	if _, err := auth.NewBasic(auth.Options{Users: settings.users, SubjectPrefix: settings.prefix}); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	if err := a.tokens.Update(settings.issuers); err != nil {
		return fmt.Errorf("issuers of tokens: %w", err)
	}
	if err := a.basic.Update(settings.users, settings.prefix); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	a.basic.SetFailuresPerMinute(s.Limits.Authentication.FailuresPerMinute)
	a.pre.Update(settings.pre, settings.preQuery)
	a.rules.Store(&settings.rules)
	a.integrated.Store(settings.integrated)
	return nil
}

// admits reports whether an identity could still authenticate.
func (a *authentication) admits(id auth.Identity) bool {
	return a.pre.Admits(id) || a.tokens.Admits(id) || a.basic.Admits(id)
}

// access decides what a session may address, nil for everything.
func (a *authentication) access(id auth.Identity, r *http.Request) entrance.Access {
	rules := *a.rules.Load()
	if len(rules) == 0 {
		return nil
	}
	return rules.For(id, r)
}

// challenges returns what a client without credentials is told to send.
func challenges(s *snapshot.Snapshot) (schemes []string) {
	if s.Authentication.Basic != nil {
		schemes = append(schemes, entrance.ChallengeBasic)
	}
	if len(s.Authentication.OIDC) > 0 {
		schemes = append(schemes, entrance.ChallengeBearer)
	}
	return schemes
}

// close ends what goes on in the background.
func (a *authentication) close() { a.tokens.Close() }

// authenticationSettings are a snapshot in the terms of the packages that
// authenticate.
type authenticationSettings struct {
	users         map[string]string
	prefix        string
	issuers       []auth.Issuer
	pre, preQuery bool
	rules         access.Rules
	integrated    *placeholder.Template
}

func newAuthenticationSettings(s *snapshot.Snapshot) (a authenticationSettings, err error) {
	a.users, a.prefix = users(s)
	if p := s.Authentication.PreAuthenticated; p != nil {
		a.pre, a.preQuery = true, p.Source == snapshot.PreAuthenticationHeaderOrQuery
	}
	for i := range s.Authentication.OIDC {
		issuer, err := issuerOf(&s.Authentication.OIDC[i])
		if err != nil {
			return a, fmt.Errorf("issuer %s: %w", s.Authentication.OIDC[i].Name, err)
		}
		issuer.ClockSkew = max(s.Authentication.ClockSkew, 1) // zero would be the default
		a.issuers = append(a.issuers, issuer)
	}
	if a.integrated, err = placeholder.Parse(s.Authentication.TokenIntegrationSubjects()); err != nil {
		return a, fmt.Errorf("subjects of token integration: %w", err)
	}
	for i := range s.NamespaceAccess {
		rule, err := accessRule(&s.NamespaceAccess[i])
		if err != nil {
			return a, fmt.Errorf("namespace access: %w", err)
		}
		a.rules = append(a.rules, rule)
	}
	return a, nil
}

// users returns the accounts of a snapshot in the terms of package auth.
func users(s *snapshot.Snapshot) (hashes map[string]string, prefix string) {
	hashes = map[string]string{}
	if basic := s.Authentication.Basic; basic != nil {
		prefix = basic.SubjectPrefix + ":"
		for name, hash := range basic.Users {
			hashes[name] = string(hash)
		}
	}
	return hashes, prefix
}

func issuerOf(p *snapshot.OIDCProvider) (auth.Issuer, error) {
	issuer := auth.Issuer{
		Key: p.Name, Issuers: p.Issuers, JWKS: []byte(p.JWKS), CA: []byte(p.CA), Audiences: p.Audiences, Algorithms: p.Algorithms,
	}
	var err error
	if issuer.Subjects, err = templates(p.Subjects); err != nil {
		return issuer, err
	}
	issuer.Prerequisites, err = templates(p.Prerequisites)
	return issuer, err
}

func accessRule(r *snapshot.NamespaceRule) (access.Rule, error) {
	conditions, err := templates(r.Conditions)
	return access.Rule{
		Conditions: conditions, Groups: groups(r.ResourceTypes),
		Allowed: wildcards(r.AllowedNamespaces), Blocked: wildcards(r.BlockedNamespaces),
	}, err
}

func templates(texts []string) (parsed []*placeholder.Template, err error) {
	for _, text := range texts {
		t, err := placeholder.Parse(text)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, t)
	}
	return parsed, nil
}

func groups(types []snapshot.ResourceType) (groups []protocol.Group) {
	for _, t := range types {
		if t == snapshot.ResourcePolicy {
			groups = append(groups, protocol.Policies)
		} else {
			groups = append(groups, protocol.Things)
		}
	}
	return groups
}

func wildcards(patterns []string) (w []document.Wildcard) {
	for _, p := range patterns {
		w = append(w, document.Wildcard(p))
	}
	return w
}
