package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// refreshKeysAfter is the age at which keys are fetched again while the old ones are still used.
	refreshKeysAfter = 50 * time.Minute
	// keysFreshFor is the age from which a token waits for its key to be fetched again.
	keysFreshFor = 60 * time.Minute
	// keysUsableFor is how long keys are used when they cannot be fetched again. Nearly all tokens that were issued
	// before an outage have expired by then, and a key that the issuer withdrew during it must not be good for long.
	keysUsableFor = 6 * time.Hour
	// fetchInterval is how long it takes from the beginning of a fetch to that of the next. Everybody can make up tokens
	// with unknown keys.
	fetchInterval = 10 * time.Second
)

// published are keys that an issuer publishes. They are fetched when a token needs one, and again when they are old or a
// token names a key that is not among them: the issuer may have got a new one.
//
// A fetch is not bound to whoever caused it, or the first to give up would end it for all who wait. It is one of
// [fetches].
type published struct {
	at      endpoint
	get     func(ctx context.Context) (keySet, error)
	fetches *fetches
	fetched func(issuer string, err error)
	clock   func() time.Time

	mu     sync.Mutex
	keys   keySet
	since  time.Time     // when the fetch of the keys began; zero: there are none
	tried  time.Time     // when the latest fetch began; zero: there was none
	failed error         // why the latest fetch failed; nil: it did not
	flight chan struct{} // closed when the fetch that is going on ends; nil: there is none
}

// newPublished returns keys that are to be fetched.
func (t *Tokens) newPublished(at endpoint) (*published, error) {
	client, err := at.client()
	if err != nil {
		return nil, err
	}
	get := func(ctx context.Context) (keySet, error) {
		ctx, cancel := context.WithTimeout(ctx, t.options.FetchTimeout)
		defer cancel()
		return at.fetch(ctx, client)
	}
	return &published{
		at: at, get: get, fetches: t.fetches, fetched: t.options.Fetched, clock: t.options.Clock,
	}, nil
}

// find implements keys.
func (p *published) find(ctx context.Context, id string, algorithm jose.SignatureAlgorithm) (*jose.JSONWebKey, error) {
	key, flight, err := p.look(ctx, id, algorithm, true)
	if flight == nil {
		return key, err
	}
	select {
	case <-flight:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrKeysUnavailable, context.Cause(ctx))
	}
	key, _, err = p.look(ctx, id, algorithm, false)
	return key, err
}

// look returns the key, or a fetch to wait for, or why there is neither. It returns a fetch, and starts one, only if it
// may.
func (p *published) look(
	ctx context.Context, id string, algorithm jose.SignatureAlgorithm, mayFetch bool,
) (key *jose.JSONWebKey, flight <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	age := now.Sub(p.since)
	usable := !p.since.IsZero() && age < keysUsableFor
	if usable {
		key, _ = p.keys.find(ctx, id, algorithm)
	}
	if key != nil && age < refreshKeysAfter {
		return key, nil, nil
	}
	if mayFetch {
		flight = p.fetch(now)
	}
	switch {
	// During an outage nobody waits for what is going to fail.
	case key != nil && (flight == nil || age < keysFreshFor || p.failed != nil):
		return key, nil, nil
	case flight != nil:
		return nil, flight, nil
	case p.failed != nil:
		return nil, nil, fmt.Errorf("%w: %w", ErrKeysUnavailable, p.failed)
	case !usable:
		return nil, nil, ErrKeysUnavailable
	}
	return nil, nil, errTokenKey
}

// fetch returns the fetch that is going on, or starts one. It returns nil if it is too early for that, or too late.
func (p *published) fetch(now time.Time) <-chan struct{} {
	if p.flight != nil {
		return p.flight
	}
	if !p.tried.IsZero() && now.Sub(p.tried) < fetchInterval {
		return nil
	}
	flight := make(chan struct{})
	if !p.fetches.start(func(ctx context.Context) { p.land(ctx, now, flight) }) {
		return nil
	}
	p.tried, p.flight = now, flight
	return flight
}

// land fetches the keys and ends the flight.
func (p *published) land(ctx context.Context, began time.Time, flight chan struct{}) {
	set, err := p.get(ctx)
	p.mu.Lock()
	if p.failed = err; err == nil {
		p.keys, p.since = set, began
	}
	p.flight = nil
	close(flight)
	p.mu.Unlock()
	p.fetched(p.at.name, err)
}
