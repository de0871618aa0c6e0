package link

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

const (
	// tokenMargin is how long before its end a token is not given out any more; half its life if that is less.
	tokenMargin = time.Minute
	// tokenTimeout is how long it may take to fetch one.
	tokenTimeout = 15 * time.Second
	// Between attempts to fetch one of which the first has failed, doubling.
	minTokenDelay, maxTokenDelay = time.Second, 30 * time.Second
	// rejectionDelay is how long the next token lasts at least when one was rejected: what is wrong is then not the token.
	rejectionDelay = 10 * time.Second
)

// Token is what a connection shows to say who it is.
type Token struct {
	// Text is the token, empty if the connection has none.
	Text snapshot.SecretContent
	// Expires is when it ends, zero if that is not known.
	Expires time.Time
}

// Tokens gives out the tokens of a connection: the one that its credentials hold, or those that are fetched with the client credentials grant
// (RFC 6749, section 4.4) and kept until shortly before they end, their credentials change, or they are rejected. It may be used by several
// goroutines, and has none of its own.
type Tokens struct {
	current func() *snapshot.Connection
	clock   func() time.Time
	fetch   func(ctx context.Context, c *snapshot.Connection) (issued, error)

	turn chan struct{} // holds a value while somebody fetches

	mu       sync.Mutex
	of       grant         // what all that follows is of
	held     Token         // the token that is given out
	until    time.Time     // how long; zero: until it is rejected
	failed   error         // why there is none
	retry    time.Time     // when that may be tried again
	delay    time.Duration // what was waited for last
	rejected time.Time     // when a token was dropped because it was
}

// grant is what a token is fetched with.
type grant struct {
	endpoint, audience, scopes string
	id, secret                 snapshot.SecretContent
	ca                         snapshot.Content
}

func grantOf(c *snapshot.Connection) grant {
	o := c.Credentials.OAuth2
	return grant{o.TokenEndpoint, o.Audience, strings.Join(o.Scopes, " "), o.ClientID, o.ClientSecret, c.TLS.CA}
}

// TokensOption changes how tokens are fetched.
type TokensOption func(*fetcher)

// AllowLoopbackHTTP lets tokens be fetched without TLS from this machine.
func AllowLoopbackHTTP() TokensOption { return func(f *fetcher) { f.loopbackHTTP = true } }

// NewTokens returns the tokens of the connection that current returns, which has the same kind of credentials all the time.
func NewTokens(current func() *snapshot.Connection, clock func() time.Time, options ...TokensOption) *Tokens {
	f := &fetcher{}
	for _, option := range options {
		option(f)
	}
	return &Tokens{current: current, clock: clock, fetch: f.fetch, turn: make(chan struct{}, 1)}
}

// errChanged is returned while a connection turns into another.
var errChanged = errors.New("the credentials are no longer those of an OAuth 2 client")

// Token returns the token to show now, and fetches it if there is none. Who needs one while it is fetched waits for it.
//
// Errors: that of ctx; *Refusal if the credentials or the endpoint have to be mended; any other. An error is returned again, without another
// attempt, for a time that grows from one second to thirty while nothing changes.
func (t *Tokens) Token(ctx context.Context) (Token, error) {
	c := t.current()
	switch {
	case c.Credentials == nil:
		return Token{}, nil
	case c.Credentials.OAuth2 == nil:
		return Token{Text: c.Credentials.Bearer}, nil
	}
	if token, known, err := t.look(c); known {
		return token, err
	}
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
	defer func() { <-t.turn }()
	if c = t.current(); c.Credentials == nil || c.Credentials.OAuth2 == nil {
		return Token{}, errChanged
	}
	if token, known, err := t.look(c); known {
		return token, err
	}
	return t.renew(ctx, c)
}

// Reject says that the other end does not accept a token, and reports whether it is worth asking for the next one. That of the credentials is
// what it is, until they change.
func (t *Tokens) Reject(text snapshot.SecretContent) bool {
	c := t.current()
	if c.Credentials == nil || c.Credentials.OAuth2 == nil {
		return c.Credentials != nil && c.Credentials.Bearer != text
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held.Text != text || t.of != grantOf(c) {
		return true
	}
	now := t.clock()
	if !t.rejected.IsZero() && now.Before(t.rejected.Add(rejectionDelay)) {
		return false
	}
	t.held, t.rejected = Token{}, now
	return true
}

// look returns the token or the error that is known for now.
func (t *Tokens) look(c *snapshot.Connection) (token Token, known bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	switch {
	case t.of != grantOf(c):
		return Token{}, false, nil
	case t.held.Text != "" && (t.until.IsZero() || now.Before(t.until)):
		return t.held, true, nil
	case t.failed != nil && now.Before(t.retry):
		return Token{}, true, t.failed
	}
	return Token{}, false, nil
}

// renew fetches a token. Only one caller does at a time.
func (t *Tokens) renew(ctx context.Context, c *snapshot.Connection) (Token, error) {
	limited, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	began := t.clock()
	got, err := t.fetch(limited, c)
	if ctx.Err() != nil && err != nil {
		return Token{}, ctx.Err()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if of := grantOf(c); t.of != of {
		t.of, t.delay, t.rejected = of, 0, time.Time{}
	}
	t.held, t.failed = Token{}, err
	if err != nil {
		t.delay = min(max(2*t.delay, minTokenDelay), maxTokenDelay)
		t.retry = t.clock().Add(t.delay)
		return Token{}, err
	}
	t.delay = 0
	t.hold(got, began)
	return t.held, nil
}

// hold keeps a token that was asked for at a time.
func (t *Tokens) hold(got issued, began time.Time) {
	t.held, t.until = Token{Text: got.text}, time.Time{}
	if got.life <= 0 {
		return
	}
	t.held.Expires = began.Add(got.life)
	t.until = t.held.Expires.Add(-min(tokenMargin, got.life/2))
}
