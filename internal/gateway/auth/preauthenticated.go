package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

const (
	preAuthenticatedHeader    = "X-Ditto-Pre-Authenticated"
	preAuthenticatedParameter = "x-ditto-pre-authenticated"
)

// PreAuthenticated takes the subjects that a request names: it trusts that whatever can reach the gateway is a proxy that
// has authenticated the sender, and removes the header from what senders send. It is safe for concurrent use.
type PreAuthenticated struct {
	settings atomic.Pointer[preAuthenticatedSettings]
}

type preAuthenticatedSettings struct{ enabled, allowQuery bool }

// NewPreAuthenticated returns a provider that finds no credentials unless it is enabled, and looks at the query only if
// that is allowed: a proxy that sets the header may well pass on the query of whoever sent the request.
func NewPreAuthenticated(enabled, allowQuery bool) *PreAuthenticated {
	p := &PreAuthenticated{}
	p.Update(enabled, allowQuery)
	return p
}

// Update changes what was given to [NewPreAuthenticated].
func (p *PreAuthenticated) Update(enabled, allowQuery bool) {
	p.settings.Store(&preAuthenticatedSettings{enabled, allowQuery})
}

// Admits tells whether an identity of this kind would still be let in. It is false for others.
func (p *PreAuthenticated) Admits(id Identity) bool {
	return id.Kind == KindPreAuthenticated && p.settings.Load().enabled
}

// Authenticate implements [Provider]. Its errors are ErrNoCredentials, ErrDuplicate, ErrWrongCredentials (there is no
// subject, or one with control characters) and ErrTooManySubjects.
//
// Protocol rule: the subjects stand in the header x-ditto-pre-authenticated or the query parameter of that name, with
// commas between them. White space around them is ignored, and so are empty ones; nothing else is checked.
func (p *PreAuthenticated) Authenticate(_ context.Context, r *http.Request) (Identity, error) {
	settings := p.settings.Load()
	if !settings.enabled {
		return Identity{}, ErrNoCredentials
	}
	list, err := preAuthenticatedList(r, settings.allowQuery)
	if err != nil {
		return Identity{}, err
	}
	var c collected
	for subject := range strings.SplitSeq(list, ",") {
		if subject = strings.TrimSpace(subject); subject == "" {
			continue
		}
		if hasControl(subject) {
			return Identity{}, ErrWrongCredentials
		}
		if err := c.add(subject); err != nil {
			return Identity{}, err
		}
	}
	if len(c.subjects) == 0 {
		return Identity{}, ErrWrongCredentials
	}
	return Identity{Kind: KindPreAuthenticated, User: c.subjects[0], Subjects: c.subjects}, nil
}

// preAuthenticatedList returns the one list of subjects that the request has.
func preAuthenticatedList(r *http.Request, allowQuery bool) (string, error) {
	header := r.Header[preAuthenticatedHeader]
	var query []string
	if allowQuery {
		query = queryValues(r, preAuthenticatedParameter)
	}
	switch {
	case len(header)+len(query) == 0:
		return "", ErrNoCredentials
	case len(header) > 1 || len(query) > 1:
		return "", ErrDuplicate
	case len(header) == 0:
		return query[0], nil
	case len(query) == 1 && query[0] != header[0]:
		return "", ErrDuplicate
	}
	return header[0], nil
}

// queryValues returns the values of a query parameter, as [url.URL.Query] does. What the other parameters say is left alone: most
// requests have long ones, and none of those that are looked for here.
func queryValues(r *http.Request, name string) (values []string) {
	if r.URL == nil || r.URL.RawQuery == "" {
		return nil
	}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key, err := url.QueryUnescape(key); err != nil || key != name || strings.Contains(pair, ";") {
			continue
		}
		if value, err := url.QueryUnescape(value); err == nil {
			values = append(values, value)
		}
	}
	return values
}
