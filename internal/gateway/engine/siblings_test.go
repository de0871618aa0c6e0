package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/store"
)

// pair is a command on a thing that looks at the policy with its id, and may change both.
type pair struct {
	engine.Task
	id          string
	key         store.Kind // of what the command is about; the thing by default
	write, both bool
	spoilt      bool // what happens to the sibling contradicts itself
	// If block is set, Decide closes entered and waits for it.
	entered, block chan struct{}

	// What is seen in the decision: revisions, 0 for none.
	own, sibling, pending int64
	done                  chan error
}

func (p *pair) kinds() (own, sibling store.Kind) {
	if p.key == store.Policy {
		return store.Policy, store.Thing
	}
	return store.Thing, store.Policy
}

func (p *pair) Key() store.Key {
	own, _ := p.kinds()
	return store.Key{Kind: own, ID: p.id}
}

func (p *pair) Decide(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
	if p.block != nil {
		close(p.entered)
		<-p.block
	}
	_, kind := p.kinds()
	record, err := siblings.Load(kind)
	if err != nil || siblings.ID() != p.id {
		panic(fmt.Sprint(siblings.ID(), err))
	}
	p.own, p.sibling, p.pending = revision(current), revision(record), revision(siblings.Pending(kind))
	if !p.write {
		return engine.Effect{}
	}
	text := fmt.Appendf(nil, "%s@%d", p.id, p.own+1)
	effect := engine.Effect{Record: &store.Record{Revision: p.own + 1, Modified: now, Doc: text}, Journal: text}
	if p.both {
		text := fmt.Appendf(nil, "%s@%d", p.id, p.sibling+1)
		effect.Sibling = &engine.SiblingEffect{Kind: kind, Record: &store.Record{Revision: p.sibling + 1, Modified: now, Doc: text}, Journal: text}
		if p.spoilt {
			effect.Sibling.Record.Revision += 5
		}
	}
	return effect
}

func revision(r *store.Record) int64 {
	if r == nil {
		return 0
	}
	return r.Revision
}

func (p *pair) Complete(err error) { p.done <- err }

func (b *bench) submitPair(t *testing.T, p *pair) *pair {
	t.Helper()
	p.done = make(chan error, 1)
	p.Command = p
	if err := b.Submit(t.Context(), &p.Task); err != nil {
		t.Fatal(err)
	}
	return p
}

// together has commands decided in one group, behind one that blocks.
func (b *bench) together(t *testing.T, commands ...*pair) {
	t.Helper()
	entered, block := make(chan struct{}), make(chan struct{})
	b.submitPair(t, &pair{id: "ns:block", entered: entered, block: block})
	<-entered
	for _, p := range commands {
		b.submitPair(t, p)
	}
	close(block)
}

// stored returns the revision of an entity in the store, 0 if there is none.
func (b *bench) stored(t *testing.T, kind store.Kind, id string) int64 {
	t.Helper()
	record, err := b.store.Load(store.Key{Kind: kind, ID: id})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return record.Revision
}

func (p *pair) mustSee(t *testing.T, own, sibling, pending int64) {
	t.Helper()
	if err := <-p.done; err != nil {
		t.Fatal(err)
	}
	if p.own != own || p.sibling != sibling || p.pending != pending {
		t.Errorf("saw itself at %d, its sibling at %d and pending at %d, want %d, %d and %d", p.own, p.sibling, p.pending, own, sibling, pending)
	}
}

func TestOneCommandChangesSiblings(t *testing.T) {
	b := start(t, engine.Options{})
	b.submitPair(t, &pair{id: "ns:a", write: true, both: true}).mustSee(t, 0, 0, 0)
	b.submitPair(t, &pair{id: "ns:a", key: store.Policy, write: true}).mustSee(t, 1, 1, 0)
	b.submitPair(t, &pair{id: "ns:a", write: true, both: true}).mustSee(t, 1, 2, 0)
	if thing, policy := b.stored(t, store.Thing, "ns:a"), b.stored(t, store.Policy, "ns:a"); thing != 2 || policy != 3 {
		t.Errorf("thing at %d, policy at %d", thing, policy)
	}
	for kind, want := range map[store.Kind]int{store.Thing: 2, store.Policy: 3} {
		var payloads [][]byte
		if err := b.store.History(store.Key{Kind: kind, ID: "ns:a"}, 1, 10, func(e store.Event) bool {
			payloads = append(payloads, bytes.Clone(e.Payload))
			return true
		}); err != nil {
			t.Fatal(err)
		}
		if len(payloads) != want || string(payloads[want-1]) != fmt.Sprintf("ns:a@%d", want) {
			t.Errorf("history of kind %d: %q", kind, payloads)
		}
	}
	b.submitPair(t, &pair{id: "ns:b"}).mustSee(t, 0, 0, 0)
}

// What was decided before in the same group is seen, and is pending as long as the store does not have it.
func TestSiblingsAreSeenBeforeTheyAreInTheStore(t *testing.T) {
	for name, cache := range map[string]int64{"with a cache": 1 << 20, "without": 1} {
		t.Run(name, func(t *testing.T) {
			b := start(t, engine.Options{Shards: 1, CacheBytes: cache})
			commands := []*pair{
				{id: "ns:a"}, {id: "ns:a", write: true, both: true}, {id: "ns:b"}, {id: "ns:a"}, {id: "ns:a", key: store.Policy, write: true},
				{id: "ns:a"}, {id: "ns:a", key: store.Policy},
			}
			b.together(t, commands...)
			commands[0].mustSee(t, 0, 0, 0)
			commands[1].mustSee(t, 0, 0, 0)
			commands[2].mustSee(t, 0, 0, 0)
			commands[3].mustSee(t, 1, 1, 1)
			commands[4].mustSee(t, 1, 1, 1)
			commands[5].mustSee(t, 1, 2, 2)
			commands[6].mustSee(t, 2, 1, 1)
			b.submitPair(t, &pair{id: "ns:a"}).mustSee(t, 1, 2, 0)
		})
	}
}

// What is in the store and not durable is pending, and what has seen it waits for the disk, whichever of the two it is about.
func TestWhatHasSeenASiblingWaitsForTheDisk(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	b.submitPair(t, &pair{id: "ns:a", write: true}).mustSee(t, 0, 0, 0)
	release := b.disk.HoldSyncs()
	defer release()

	write := b.submitPair(t, &pair{id: "ns:a", key: store.Policy, write: true})
	for b.stored(t, store.Policy, "ns:a") == 0 {
		time.Sleep(time.Millisecond) // applied, and not durable
	}
	read := b.submitPair(t, &pair{id: "ns:a"}) // of the thing, which is durable
	other := b.submitPair(t, &pair{id: "ns:b"})
	other.mustSee(t, 0, 0, 0)
	time.Sleep(20 * time.Millisecond) // gives a wrong engine time to tell
	select {
	case err := <-write.done:
		t.Fatal("a change of a sibling was acknowledged before it was durable", err)
	case err := <-read.done:
		t.Fatal("a command that has seen it was answered", err)
	default:
	}
	release()
	write.mustSee(t, 0, 1, 0)
	read.mustSee(t, 1, 1, 1)
}

// A batch that the store refuses changes none of the two, and the next command does not see them.
func TestSiblingsAreRefusedTogether(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	b.submitPair(t, &pair{id: "ns:a", key: store.Policy, write: true}).mustSee(t, 0, 0, 0)
	before := &pair{id: "ns:b", write: true} // shares the fate of its group
	spoilt := &pair{id: "ns:a", write: true, both: true, spoilt: true}
	after := &pair{id: "ns:a"}
	b.together(t, before, spoilt, after)
	for i, p := range []*pair{before, spoilt, after} {
		if err := <-p.done; !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("command %d of the group: %v", i, err)
		}
	}
	b.submitPair(t, &pair{id: "ns:a"}).mustSee(t, 0, 1, 0)
	b.submitPair(t, &pair{id: "ns:b"}).mustSee(t, 0, 0, 0)
	if thing, policy := b.stored(t, store.Thing, "ns:a"), b.stored(t, store.Policy, "ns:a"); thing != 0 || policy != 1 {
		t.Errorf("thing at %d, policy at %d", thing, policy)
	}
	b.submitPair(t, &pair{id: "ns:a", write: true, both: true}).mustSee(t, 0, 1, 0)
}

// A change of a sibling without one of the entity is none.
func TestSiblingAloneIsIgnored(t *testing.T) {
	b := start(t, engine.Options{})
	c := &only{pair{id: "ns:a", done: make(chan error, 1)}}
	c.Command = c
	if err := b.Submit(t.Context(), &c.Task); err != nil {
		t.Fatal(err)
	}
	if err := <-c.done; err != nil || b.stored(t, store.Policy, "ns:a") != 0 {
		t.Errorf("%v, policy at %d", err, b.stored(t, store.Policy, "ns:a"))
	}
}

// only changes the sibling.
type only struct{ pair }

func (o *only) Decide(*store.Record, *engine.Siblings, time.Time) engine.Effect {
	return engine.Effect{Sibling: &engine.SiblingEffect{Kind: store.Policy, Record: &store.Record{Revision: 1, Doc: []byte("x")}}}
}
