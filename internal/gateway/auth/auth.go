package auth

import (
	"context"
	"errors"
	"net/http"
)

// Subjects are the authorization subjects of a session, for example "nginx:ditto", the most important one first. They
// are shared between the sessions of a user and must not be modified.
type Subjects []string

// Identity is who a request was authenticated as.
type Identity struct {
	// User is the name for logs, metrics and limits per user. It decides no access.
	User string
	// Subjects are what policies are evaluated for. There is at least one.
	Subjects Subjects
}

// Provider is one way to authenticate.
type Provider interface {
	// Authenticate returns who sent r. It returns ErrNoCredentials when r carries no credentials of the provider's
	// kind, and any other error when r carries some that do not let it in. It waits no longer than ctx allows, and
	// is safe for concurrent use.
	Authenticate(ctx context.Context, r *http.Request) (Identity, error)
}

// Chain asks its providers in order; the first one that finds credentials of its kind decides.
type Chain []Provider

// Authenticate implements [Provider]. An empty chain lets nobody in.
func (c Chain) Authenticate(ctx context.Context, r *http.Request) (Identity, error) {
	for _, p := range c {
		id, err := p.Authenticate(ctx, r)
		if errors.Is(err, ErrNoCredentials) {
			continue
		}
		return id, err
	}
	return Identity{}, ErrNoCredentials
}
