package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
)

// watchInterval is how often deadlines are looked at, and so how late an
// ErrTimeout can be.
const watchInterval = 25 * time.Millisecond

// Publisher is told of every durable change, and of what else commands have to
// tell.
type Publisher interface {
	// Publish delivers signals in the given order. It must not block.
	Publish(signals []*pubsub.Signal)
}

// Hooks lets the owner know what the engine does. Its methods are called on
// the engine's goroutines and must not block.
type Hooks interface {
	// GroupDecided reports a group: commands that wait for it, changes in it.
	GroupDecided(commands, changes int)
	// StoreRefused reports a batch that the store did not take.
	StoreRefused(err error)
	// Durable reports changes that are durable now, in their order, before
	// their signals are published and their commands completed. The slice is
	// only valid during the call.
	Durable(changes []store.Append)
}

// Options of an Engine. Store, Publisher, Hooks and Clock must be set.
type Options struct {
	Store     store.Store
	Publisher Publisher
	Hooks     Hooks
	Clock     func() time.Time
	// Shards is how many entities can be decided at the same time; default
	// twice GOMAXPROCS.
	Shards int
	// QueueLimit bounds the commands that wait in each shard; default 4096.
	QueueLimit int
	// CacheBytes bounds the records kept in memory over all shards; default
	// 64 MiB.
	CacheBytes int64
}

func (o Options) withDefaults() Options {
	if o.Shards <= 0 {
		o.Shards = 2 * runtime.GOMAXPROCS(0)
	}
	if o.QueueLimit <= 0 {
		o.QueueLimit = 4096
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 64 << 20
	}
	return o
}

// Engine decides commands and makes their effects durable.
type Engine struct {
	store     store.Store
	publisher Publisher
	hooks     Hooks
	clock     func() time.Time
	seed      maphash.Seed
	shards    []*shard
	room      *room
	failure   atomic.Pointer[error]

	closing sync.Once
	workers sync.WaitGroup
	stop    chan struct{}
	watcher sync.WaitGroup
}

// New starts an engine; end it with Close. The store stays the caller's.
func New(o Options) *Engine {
	o = o.withDefaults()
	e := &Engine{
		store: o.Store, publisher: o.Publisher, hooks: o.Hooks, clock: o.Clock,
		seed: maphash.MakeSeed(), room: newRoom(maxUnderWay), stop: make(chan struct{}),
	}
	for range o.Shards {
		s := newShard(e, o.QueueLimit, o.CacheBytes/int64(o.Shards))
		e.shards = append(e.shards, s)
		e.workers.Go(s.decideAll)
		e.workers.Go(s.completeAll)
	}
	e.watcher.Go(e.watchDeadlines)
	return e
}

// Submit queues a task. It waits while the queue of the entity's shard is
// full. If it returns an error the task was not taken and is not completed.
//
// Errors: ErrClosed, the context's cause.
func (e *Engine) Submit(ctx context.Context, t *Task) error {
	return e.shardOf(t.Command.Key()).queue.push(ctx, t, e.clock)
}

// shardOf returns the shard of an entity. Siblings share one.
func (e *Engine) shardOf(key store.Key) *shard {
	h := maphash.String(e.seed, key.ID)
	return e.shards[h%uint64(len(e.shards))]
}

// Close refuses further tasks, finishes those that were taken, and returns
// when the last is completed. A second Close does nothing.
func (e *Engine) Close() {
	e.closing.Do(func() {
		for _, s := range e.shards {
			s.queue.close()
		}
		e.workers.Wait()
		close(e.stop)
		e.watcher.Wait()
	})
}

// Err returns why the engine no longer takes commands, nil while it does.
// Once set it stays: see the package comment.
func (e *Engine) Err() error {
	if p := e.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// fail records the first failure of a write.
func (e *Engine) fail(cause error) {
	err := fmt.Errorf("%w: %w", ErrUnavailable, cause)
	e.failure.CompareAndSwap(nil, &err)
}

// storeRefused handles an error of the store's Apply. A failed store stays
// failed; anything else concerns one batch.
func (e *Engine) storeRefused(err error) {
	if errors.Is(err, store.ErrFailed) {
		e.fail(err)
	}
	e.hooks.StoreRefused(err)
}

// Waiting returns how many commands wait for their decision.
func (e *Engine) Waiting() int {
	total := 0
	for _, s := range e.shards {
		n, _ := s.queue.depth()
		total += n
	}
	return total
}

// Stalled returns for how long the slowest shard has made no progress on the
// work it has, 0 if all do.
func (e *Engine) Stalled() time.Duration {
	now, worst := e.clock(), time.Duration(0)
	for _, s := range e.shards {
		for _, since := range []int64{s.busySince.Load(), s.waitingSince.Load()} {
			if since != 0 {
				worst = max(worst, now.Sub(time.Unix(0, since)))
			}
		}
	}
	return worst
}

// watchDeadlines completes tasks whose deadline has passed.
func (e *Engine) watchDeadlines() {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-ticker.C:
		}
		now := e.clock()
		for _, s := range e.shards {
			for _, t := range s.queue.overdue(now) {
				t.complete(ErrTimeout)
			}
		}
	}
}
