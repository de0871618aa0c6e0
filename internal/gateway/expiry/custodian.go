package expiry

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Store is where policies are, and the index of when they are due.
type Store interface {
	// Due yields what is due after a time, or ever if it is zero, and not after
	// until; otherwise as store.Store has it.
	Due(after, until time.Time, limit int, yield func(store.Key, time.Time) bool) error
	// Load returns a policy. Its error is store.ErrNotFound if there never was
	// one.
	Load(store.Key) (store.Record, error)
}

// Remover removes subjects.
type Remover interface {
	// Expire removes a subject from an entry of a policy, and returns nil when
	// that is durable. It does nothing if the entry has no subject any more with
	// exactly this expiry.
	Expire(ctx context.Context, policyID, label, subjectID string, expiry time.Time) error
}

// Publisher brings announcements to those who subscribed to them.
type Publisher interface {
	Publish(signals []*pubsub.Signal)
}

// Hooks count what happens. They must not block and are called by several
// goroutines.
type Hooks interface {
	// Announced says that an announcement was sent, for the first time or again.
	Announced()
	// Acknowledged says that an announcement was acknowledged, or does not have
	// to be.
	Acknowledged()
	// Abandoned says that an announcement is not made any more although it was
	// not acknowledged: for a final error, at the end of the grace period, or
	// because there is no room to wait.
	Abandoned()
	// Expired says that a subject was removed from an entry.
	Expired()
	// Deferred says that policies are due for which there is no room now.
	Deferred()
	// Failed says that the store or the remover failed. It is tried again.
	Failed(err error)
}

// Options of a Custodian.
type Options struct {
	Store     Store
	Remover   Remover
	Publisher Publisher
	Hooks     Hooks
	Settings  Settings
	// MaxTracked bounds the subjects that are waited for; zero: 100,000. One
	// policy may exceed it by its own.
	MaxTracked int
	// MaxWaiting bounds the changes of policies that were handed over and not
	// looked at yet, and the removed subjects likewise; zero: 10,000.
	MaxWaiting int
	// Workers is how many subjects are removed at once; zero: 32.
	Workers int
	// Random returns what spreads repetitions, in [0,1); nil: pseudo-random.
	Random func() float64
}

// Custodian looks after the subjects of all policies. It is done by Run; the
// other methods may be called by any goroutine, also before and after.
type Custodian struct {
	store      Store
	publisher  Publisher
	hooks      Hooks
	random     func() float64
	maxTracked int
	settings   atomic.Pointer[Settings]
	inbox      *inbox
	attempts   *attempts

	// What follows belongs to the goroutine of Run.

	wards    map[string]*ward // by id of the policy
	agenda   agenda
	leavers  int // of all wards
	index    index
	removals *removals
	outgoing []*pubsub.Signal
}

// New returns a Custodian that does nothing until Run.
func New(o Options) *Custodian {
	wake := make(chan struct{}, 1)
	c := &Custodian{
		store: o.Store, publisher: o.Publisher, hooks: o.Hooks, random: o.Random,
		maxTracked: orDefault(o.MaxTracked, defaultMaxTracked),
		inbox:      newInbox(orDefault(o.MaxWaiting, defaultMaxWaiting), wake),
		attempts:   newAttempts(wake),
		wards:      map[string]*ward{},
		removals:   newRemovals(o.Remover, orDefault(o.Workers, defaultWorkers)),
	}
	if c.random == nil {
		c.random = rand.Float64
	}
	c.settings.Store(o.Settings.withDefaults())
	return c
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Configure replaces the settings. The grace period holds at once, also for
// what is waited for, and the timeout for attempts from now on.
func (c *Custodian) Configure(s Settings) {
	c.settings.Store(s.withDefaults())
	c.inbox.reconfigured()
}

// Changed says that a change of a policy is durable, after which it is due at
// a time, or never if that is zero or the policy was deleted. It does not
// block.
func (c *Custodian) Changed(policyID string, due time.Time, deleted bool) {
	if deleted {
		due = time.Time{}
	}
	c.inbox.changed(policyID, due)
}

// Removed says that a command removed subjects from a policy that want to be
// told. It does not block.
func (c *Custodian) Removed(policyID string, subjects []policy.Removed) {
	for range c.inbox.removed(policyID, subjects) {
		c.hooks.Abandoned()
	}
}

// Acknowledge takes an acknowledgement of an announcement, and reports whether
// it was waited for. It does not block.
func (c *Custodian) Acknowledge(a Ack) bool { return c.attempts.acknowledge(a) }
