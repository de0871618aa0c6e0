package history_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is when all tests begin.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// world is a store whose time and retention a test decides on, and what has
// been written to it.
type world struct {
	testing.TB
	store  *counting
	reader *history.Reader
	now    time.Time
	limit  int
	age    time.Duration
	// past is all that ever was of an entity, beginning with revision 1.
	past map[store.Key][]state
	// known is from which revision on everything must be known.
	known        map[store.Key]int64
	asleep, wake chan struct{}
}

// state is an entity after a revision, with what was told of the change.
type state struct {
	record store.Record
	change journal.Change
}

func newWorld(t testing.TB) *world {
	w := &world{
		TB: t, now: epoch, limit: -1, past: map[store.Key][]state{}, known: map[store.Key]int64{},
		asleep: make(chan struct{}), wake: make(chan struct{}),
	}
	s, err := pebble.Open(pebble.Options{
		Dir: "/d", FS: vfs.NewMem(), CacheSize: 1 << 20, Clock: func() time.Time { return w.now }, Sleep: w.sleep,
		HistoryMaxRecords: func() int { return w.limit },
		HistoryMaxAge:     func() time.Duration { return w.age },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.store = &counting{Store: s}
	w.reader = history.New(w.store)
	<-w.asleep
	return w
}

// sleep lets the store's sweeper work when the test says so. It rests for no
// time, as its clock stands still meanwhile.
func (w *world) sleep(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case w.asleep <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-w.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sweep has what is older than age swept.
func (w *world) sweep(age time.Duration) {
	w.age = age
	w.wake <- struct{}{}
	<-w.asleep
	for key, past := range w.past {
		young := slices.IndexFunc(past, func(s state) bool { return s.record.Modified.After(w.now.Add(-age)) })
		if young < 0 {
			young = len(past)
		}
		w.known[key] = max(w.known[key], int64(young)+1)
	}
	w.age = 0
}

func thingKey(name string) store.Key { return store.Key{Kind: store.Thing, ID: "ns:" + name} }

// current returns what an entity is now, nil if it never existed.
func (w *world) current(key store.Key) *store.Record {
	if past := w.past[key]; len(past) > 0 {
		return &past[len(past)-1].record
	}
	return nil
}

// part is what all changes are about.
var part = protocol.Path{Kind: protocol.Attribute, Pointer: document.Pointer{"attributes", "a"}}

// change changes entities, all in one batch, each into the next of the states
// given.
func (w *world) change(key store.Key, next ...store.Record) {
	w.Helper()
	var batch []store.Append
	for _, after := range next {
		before := w.current(key)
		after.Revision, after.Modified = int64(len(w.past[key]))+1, w.now
		if !after.Deleted && after.Created.IsZero() {
			after.Created = w.now
		}
		change := journal.Change{Action: protocol.Modified, Path: "/attributes/a", Value: fmt.Append(nil, after.Revision)}
		if after.Deleted {
			change.Action, change.Value = protocol.Deleted, nil
		}
		batch = append(batch, store.Append{
			Key: key, Expected: after.Revision - 1, Record: after,
			Event: store.Event{
				Revision: after.Revision, Time: after.Modified,
				Payload: journal.AppendChange(nil, change.Action, part, change.Value, before, &after),
			},
		})
		w.past[key] = append(w.past[key], state{after, change})
		w.forget(key, after.Revision)
	}
	commit, err := w.store.Apply(batch)
	if err == nil {
		err = commit.Wait()
	}
	if err != nil {
		w.Fatal(err)
	}
}

// forget notes what need not be known any more by the limit.
func (w *world) forget(key store.Key, revision int64) {
	switch {
	case w.limit == 0: // and not before the next run begins
		w.known[key] = (revision+journal.Stride-1)/journal.Stride*journal.Stride + 1
	case w.limit > 0:
		w.known[key] = max(w.known[key], revision-int64(w.limit)+1)
	}
}

// document returns one of about 2 KB that tells a number.
func document2K(n int) []byte {
	var text strings.Builder
	text.WriteString(`{"attributes":{"n":`)
	fmt.Fprintf(&text, "%d", n)
	for i := range 40 {
		fmt.Fprintf(&text, `,"property-%d":{"value":%d,"unit":"kelvin"}`, i, i*i)
	}
	text.WriteString(`}}`)
	return []byte(text.String())
}

// counting counts what is read of histories.
type counting struct {
	store.Store
	reads, events int
}

// History implements store.Store.
func (c *counting) History(key store.Key, from, to int64, yield func(store.Event) bool) error {
	c.reads++
	return c.Store.History(key, from, to, func(e store.Event) bool {
		c.events++
		return yield(e)
	})
}

// counted returns how many reads of how many events a call has cost.
func (c *counting) counted(call func()) (reads, events int) {
	c.reads, c.events = 0, 0
	call()
	return c.reads, c.events
}
