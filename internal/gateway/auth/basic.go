package auth

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Options configure [NewBasic].
type Options struct {
	// Users maps the name of a user to the hash of the password: bcrypt in the modular crypt format ($2a$, $2b$, $2y$;
	// cost at most 16) or argon2id in the PHC string format.
	Users map[string]string
	// SubjectPrefix is put before the user's name to make the authorization subject, for example "nginx:".
	SubjectPrefix string
	// FailuresPerMinute is how many wrong passwords are looked at per user name and minute. Default: 10.
	FailuresPerMinute int
	// AddressFailuresPerMinute is the same per remote address, behind which there may be many users.
	// Default: ten times FailuresPerMinute.
	AddressFailuresPerMinute int
	// MaxConcurrent is how many passwords are hashed at a time. Default: half of GOMAXPROCS, at least one, which
	// leaves the other half to the sessions that are in already.
	MaxConcurrent int
	// Clock tells the time. Default: time.Now.
	Clock func() time.Time
}

func (o Options) withDefaults() (Options, error) {
	if o.FailuresPerMinute < 0 || o.AddressFailuresPerMinute < 0 || o.MaxConcurrent < 0 {
		return o, fmt.Errorf("auth: negative limit: %d failures per minute, %d per address, %d concurrent",
			o.FailuresPerMinute, o.AddressFailuresPerMinute, o.MaxConcurrent)
	}
	if o.FailuresPerMinute == 0 {
		o.FailuresPerMinute = 10
	}
	if o.AddressFailuresPerMinute == 0 {
		o.AddressFailuresPerMinute = 10 * o.FailuresPerMinute
	}
	if o.MaxConcurrent == 0 {
		o.MaxConcurrent = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o, nil
}

// Basic authenticates with HTTP Basic authentication. It is safe for concurrent use.
//
// A password that was right lately is recognised without hashing it, and before any limit is looked at: who is known
// cannot be locked out by somebody else's failures. All other passwords are hashed, a few at a time, and the wrong ones
// are counted against the user name and against the remote address, which is that of the request: behind a proxy, the
// listener must have put the client's address there.
type Basic struct {
	clock     func() time.Time
	seed      maphash.Seed // decides which unknown user is held against whose secret
	prints    *fingerprinter
	users     *limiter
	addresses *limiter
	turnstile turnstile
	flights   flights

	update   sync.Mutex // held while the accounts are exchanged
	accounts atomic.Pointer[accounts]
}

// NewBasic returns a provider for the given users. It fails if a name or a hash is not usable or a limit is negative.
func NewBasic(o Options) (*Basic, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &Basic{
		clock:     o.Clock,
		seed:      maphash.MakeSeed(),
		prints:    newFingerprinter(),
		users:     newLimiter(o.FailuresPerMinute, o.Clock()),
		addresses: newLimiter(o.AddressFailuresPerMinute, o.Clock()),
		turnstile: turnstile{slots: make(chan struct{}, o.MaxConcurrent)},
		flights:   flights{by: make(map[fingerprint]*flight)},
	}
	if err := b.Update(o.Users, o.SubjectPrefix); err != nil {
		return nil, err
	}
	return b, nil
}

// Update replaces the users and the prefix of their subjects; see [Options]. Who authenticates meanwhile does so
// against the old or the new ones, never against a mixture. What is remembered of users whose hash stays the same is
// kept. If a name or a hash is not usable, nothing changes.
func (b *Basic) Update(users map[string]string, subjectPrefix string) error {
	b.update.Lock()
	defer b.update.Unlock()
	next, err := newAccounts(users, subjectPrefix, b.accounts.Load())
	if err != nil {
		return err
	}
	b.accounts.Store(next)
	return nil
}

// Admits tells whether an identity of this kind is one of a user who is still there. It is false for others.
func (b *Basic) Admits(id Identity) bool {
	_, there := b.accounts.Load().byName[id.User]
	return there && id.Kind == KindBasic
}

// SetFailuresPerMinute changes how many wrong passwords are looked at, per user name, and ten times as many per remote
// address. Numbers below one are taken as one.
func (b *Basic) SetFailuresPerMinute(n int) {
	n = max(n, 1)
	b.users.setRate(n)
	b.addresses.setRate(10 * n)
}

// Authenticate implements [Provider]. Its errors are ErrNoCredentials, ErrWrongCredentials, [*RateLimitedError] and
// ErrBusy.
func (b *Basic) Authenticate(ctx context.Context, r *http.Request) (Identity, error) {
	user, password, err := basicCredentials(r.Header)
	if err != nil {
		return Identity{}, err
	}
	for {
		acc := b.accounts.Load()
		s, known := acc.secretFor(user, b.seed)
		if s == nil {
			return Identity{}, ErrWrongCredentials
		}
		l := &login{user: user, password: password, secret: s, known: known}
		l.print = b.prints.fingerprint(user, password, s.stored)
		if known && s.memory.recalls(l.print, b.clock()) {
			return acc.byName[user].identity, nil
		}
		l.address = clientAddress(r)
		v, err := b.verify(ctx, l)
		if err != nil {
			return Identity{}, err
		}
		if v == mismatched {
			return Identity{}, ErrWrongCredentials
		}
		// Hashing takes long enough for an update to take the user away.
		if now, ok := b.accounts.Load().byName[user]; v == matched && ok && now.secret == s {
			return now.identity, nil
		}
	}
}

// login is one attempt that is not remembered.
type login struct {
	user, password, address string
	secret                  *secret
	known                   bool // the secret is the user's own
	print                   fingerprint
}

// verify finds the verdict about l together with everybody who sent the same credentials. If the verification that it
// joined did not take place, for reasons of the one who led it, the verdict is undecided, and l has to try again.
func (b *Basic) verify(ctx context.Context, l *login) (verdict, error) {
	if err := b.limited(l); err != nil {
		return undecided, err
	}
	fl, lead := b.flights.join(l.print)
	if !lead {
		select {
		case <-fl.done:
			return fl.verdict, nil
		case <-ctx.Done():
			return undecided, fmt.Errorf("%w: %w", ErrBusy, context.Cause(ctx))
		}
	}
	defer b.flights.land(l.print, fl)
	v, err := b.hash(ctx, l)
	fl.verdict = v
	return v, err
}

// hash waits for a turn and hashes the password. What happened while it waited counts: the limits may be reached by
// now, and then nothing is hashed, or the password be known.
func (b *Basic) hash(ctx context.Context, l *login) (verdict, error) {
	if err := b.turnstile.enter(ctx); err != nil {
		return undecided, err
	}
	defer b.turnstile.leave()
	if l.known && l.secret.memory.recalls(l.print, b.clock()) {
		return matched, nil
	}
	if err := b.limited(l); err != nil {
		return undecided, err
	}
	right := l.secret.hash.matches(l.password)
	now := b.clock()
	if right && l.known {
		l.secret.memory.remember(l.print, now)
		return matched, nil
	}
	b.users.fail(l.user, now)
	b.addresses.fail(l.address, now)
	return mismatched, nil
}

// limited returns a RateLimitedError if the user or the address failed too often.
func (b *Basic) limited(l *login) error {
	now := b.clock()
	if wait := max(b.users.wait(l.user, now), b.addresses.wait(l.address, now)); wait > 0 {
		return &RateLimitedError{RetryAfter: wait}
	}
	return nil
}
