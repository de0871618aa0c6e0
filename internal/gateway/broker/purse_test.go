package broker

import (
	"fmt"
	"testing"

	"github.com/twinway/twinway/internal/gateway/ack"
)

// Several parties of one have together what one may have, and no more, in whatever way waits end; those of another have their own.
func TestMaxWaitsTogether(t *testing.T) {
	for _, end := range ways {
		inTime(t, Options{MaxWaitsTogether: 2}, func(w *world) {
			ann, anns, bob := w.memberOf("ann"), w.memberOf("ann"), w.memberOf("bob")
			first := w.open(ann, terms(true, "1"))
			late := terms(true, "2")
			late.Plan.Wait *= 100
			w.open(anns, late)
			w.refused(ann, terms(true, "3"))
			w.refused(anns, terms(true, "3"))
			w.refused(w.memberOf("ann"), terms(false, "3", "my:ack"))
			w.open(bob, late)
			w.open(w.member(), late)
			w.verify()

			end(first, ann)
			w.told()
			late.CorrelationID = "4"
			w.open(anns, late)
			w.refused(anns, late)
			w.verify()
		})
	}
}

// What is kept for them is counted together, too: of requests, and of acknowledgements that have come.
func TestMaxBytesTogether(t *testing.T) {
	const size = 10_000
	w := newWorld(t, Options{MaxBytesEach: 2 * size})
	ann, anns, bob := w.memberOf("ann"), w.memberOf("ann"), w.memberOf("bob")
	large := terms(true, "large")
	large.Size = 2*size - len("large")
	w.open(ann, large)
	w.refused(anns, terms(true, "small"))
	w.open(bob, large)
	ann.party.End()
	ann.party.End() // changes nothing
	w.verify()

	said := func(label string) ack.Ack { return ack.Ack{Label: label, Status: 200, Payload: make([]byte, size)} }
	var asks [2]*asking
	for i := range asks {
		asks[i] = w.open(w.memberOf("ann"), terms(false, fmt.Sprint(i), "my:ack", "our:ack"))
		asks[i].Put(said("my:ack"))
		w.verify()
	}
	asks[0].Put(said("our:ack"))
	asks[1].Put(said("our:ack"))
	if got := asks[0].told() + ", " + asks[1].told(); got != "my:ack=200 our:ack=200, my:ack=413 our:ack=200" {
		t.Errorf("told %q", got)
	}
	w.verify()
}

// Nothing is kept of who has gone.
func TestPursesAreForgotten(t *testing.T) {
	b := New(Options{})
	ann, anns := b.NewPartyOf("ann"), b.NewPartyOf("ann")
	if ann.purse == nil || ann.purse != anns.purse || len(b.purses) != 1 {
		t.Errorf("there are %d", len(b.purses))
	}
	ann.End()
	ann.End()
	if len(b.purses) != 1 {
		t.Error("forgotten while there is another party")
	}
	anns.End()
	if len(b.purses) != 0 {
		t.Errorf("there are %d", len(b.purses))
	}
	b.Close()
	if p := b.NewPartyOf("late"); !p.ended || p.purse != nil {
		t.Error("a party of a broker that is closed takes part")
	}
}

func BenchmarkPartyOf(b *testing.B) {
	broker := New(Options{})
	defer broker.Close()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			broker.NewPartyOf("ann").End()
		}
	})
}
