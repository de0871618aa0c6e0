package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// Subjects are the authorization subjects of a session, for example "nginx:ditto", the most important one first. They
// are shared between the sessions of a user and must not be modified.
type Subjects []string

// Identity is who a request was authenticated as.
type Identity struct {
	// Kind is how.
	Kind Kind
	// User is the name for logs, metrics and limits per user. It decides no access, and may come from outside as it is.
	User string
	// Subjects are what policies are evaluated for. There is at least one.
	Subjects Subjects
	// Expires is when the identity ends and has to be renewed; zero: never.
	Expires time.Time
	// Claims are what the token says, as placeholders with the prefix "jwt"; nil without a token. They are large: who keeps
	// the identity should let go of them.
	Claims placeholder.Source
}

// SameContext tells whether i and o have the same authorization context: whether policies, and whoever looks at the kind
// of authentication, treat both alike.
//
// Protocol rule: a context is its kind and its subjects in their order.
func (i Identity) SameContext(o Identity) bool {
	return i.Kind == o.Kind && slices.Equal(i.Subjects, o.Subjects)
}

// Kind is a way to authenticate, by the protocol's name for the type of an authorization context.
type Kind string

// The kinds of identities.
const (
	// KindBasic is HTTP Basic authentication. The protocol leaves that to a proxy and has no name for it.
	KindBasic Kind = "basic"
	// KindJWT is a JSON Web Token.
	KindJWT Kind = "jwt"
	// KindPreAuthenticated is a proxy's word.
	KindPreAuthenticated Kind = "pre-authenticated-http"
)

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
