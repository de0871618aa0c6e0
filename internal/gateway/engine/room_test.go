package engine_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/store"
)

// large is a change that is found by much.
type large struct {
	count
	entries store.IndexChange
	decided *atomic.Int64
}

func (c *large) Decide(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
	effect := c.count.Decide(current, siblings, now)
	effect.Index = c.entries
	c.decided.Add(int64(c.entries.Bytes(c.Key())))
	return effect
}

// slow is a store of which nothing becomes durable before it is let go.
type slow struct {
	store.Store
	released chan struct{}
}

func (slow) Load(store.Key) (store.Record, error) { return store.Record{}, store.ErrNotFound }

func (s slow) Apply([]store.Append) (store.Commit, error) { return s, nil }

func (s slow) Wait() error {
	<-s.released
	return nil
}

// While the disk takes nothing, no more is decided than memory may be taken for, over all shards: what is found by is much larger
// than what is stored.
func TestChangesUnderWayAreBounded(t *testing.T) {
	const most, shards = 64 << 20, 4
	s := slow{released: make(chan struct{})}
	e := engine.New(engine.Options{Store: s, Publisher: &told{}, Hooks: noHooks{}, Clock: time.Now, Shards: shards})
	defer e.Close()
	var entries [][]byte
	for i := range 6 << 10 {
		entries = append(entries, fmt.Appendf(nil, "%1024d", i))
	}
	var decided atomic.Int64
	var commands []*large
	for i := range 50 {
		c := &large{count: count{id: fmt.Sprint(i)}, entries: store.IndexChange{Add: entries}, decided: &decided}
		c.done = make(chan error, 1)
		c.Command = c
		if err := e.Submit(t.Context(), &c.Task); err != nil {
			t.Fatal(err)
		}
		commands = append(commands, c)
	}
	for before, same := int64(-1), 0; same < 20; time.Sleep(5 * time.Millisecond) {
		now := decided.Load()
		if same++; now != before {
			before, same = now, 0
		}
	}
	// A group is closed at 4 MiB, and each shard may have one that has begun before there was too much.
	if n := decided.Load(); n > most+shards*(6<<20) {
		t.Errorf("%d MiB are under way", n>>20)
	}
	close(s.released)
	for i, c := range commands {
		if err := <-c.done; err != nil {
			t.Fatalf("command %d: %v", i, err)
		}
	}
}
