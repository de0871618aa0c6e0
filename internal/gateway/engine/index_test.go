package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/store"
)

// index returns the keys that things are found by.
func (b *bench) index(t *testing.T) (keys []string) {
	t.Helper()
	v, err := b.store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	k, err := v.Keys(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for ok := k.First(); ok; ok = k.Next() {
		keys = append(keys, string(k.Key()))
	}
	return keys
}

// What is found changes with the thing, in the same batch, and only with it.
func TestTheIndexChangesWithTheThing(t *testing.T) {
	b := start(t, engine.Options{})
	x, y := [][]byte{[]byte("x=")}, [][]byte{[]byte("y=")}
	for i, step := range []struct {
		effect engine.Effect
		want   []string
	}{
		{engine.Effect{Record: &store.Record{Revision: 1}, Index: store.IndexChange{Add: x}}, []string{"x=ns:a"}},
		{engine.Effect{Index: store.IndexChange{Remove: x}}, []string{"x=ns:a"}}, // nothing changes
		{engine.Effect{
			Record: &store.Record{Revision: 2}, Index: store.IndexChange{Remove: x, Add: y},
			Sibling: &engine.SiblingEffect{Kind: store.Policy, Record: &store.Record{Revision: 1}},
		}, []string{"y=ns:a"}},
		{engine.Effect{Record: &store.Record{Revision: 3}}, []string{"y=ns:a"}},
	} {
		err := b.Do(t.Context(), store.Key{Kind: store.Thing, ID: "ns:a"}, time.Time{},
			func(*store.Record, *engine.Siblings, time.Time) engine.Effect { return step.effect })
		if got := b.index(t); err != nil || !slices.Equal(got, step.want) {
			t.Errorf("step %d: index %q, error %v, want %q", i, got, err, step.want)
		}
	}
	if revision := b.stored(t, store.Policy, "ns:a"); revision != 1 {
		t.Errorf("the sibling is at %d", revision)
	}
	err := b.Do(t.Context(), store.Key{Kind: store.Policy, ID: "ns:b"}, time.Time{}, func(*store.Record, *engine.Siblings, time.Time) engine.Effect {
		return engine.Effect{Record: &store.Record{Revision: 1}, Index: store.IndexChange{Add: x}}
	})
	if !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("a policy with entries: %v", err)
	}
}

// brim is a command with as many entries as a store takes in some batches, and
// more than it takes in one, if there are many of it in a group.
type brim struct {
	engine.Task
	id   string
	done chan error
}

func (c *brim) Key() store.Key { return store.Key{Kind: store.Thing, ID: c.id} }

func (c *brim) Decide(*store.Record, *engine.Siblings, time.Time) engine.Effect {
	var index store.IndexChange
	for i := range 2000 {
		index.Add = append(index.Add, append(bytes.Repeat([]byte("x"), 1000), fmt.Sprintf("%d=", i)...))
	}
	return engine.Effect{Record: &store.Record{Revision: 1}, Index: index}
}

func (c *brim) Complete(err error) { c.done <- err }

// Entries count when a group becomes too large for the store.
func TestGroupsAreBoundedByTheirEntries(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	entered, block := make(chan struct{}), make(chan struct{})
	b.submitPair(t, &pair{id: "ns:block", entered: entered, block: block})
	<-entered
	var commands []*brim
	for i := range 40 { // 80 MB together
		c := &brim{id: fmt.Sprintf("ns:%d", i), done: make(chan error, 1)}
		c.Command = c
		if err := b.Submit(t.Context(), &c.Task); err != nil {
			t.Fatal(err)
		}
		commands = append(commands, c)
	}
	close(block)
	for _, c := range commands {
		if err := <-c.done; err != nil {
			t.Errorf("%s: %v", c.id, err)
		}
	}
}
