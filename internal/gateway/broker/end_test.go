package broker

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
)

// TestPartyEnd checks what becomes of what a party waits for and of what it owes.
func TestPartyEnd(t *testing.T) {
	inTime(t, Options{}, func(w *world) {
		m, other := w.member("my:ack"), w.member("your:ack")
		mine := []*asking{
			w.open(m, terms(true, "c")), w.open(m, terms(false, "c", "your:ack")), w.open(m, terms(false, "c", "your:ack", "my:ack")),
		}
		theirs := w.open(other, terms(false, "c", "my:ack"))
		for _, a := range mine {
			w.publish(a, other)
		}
		w.publish(theirs, m)
		if w.Waits() != 4 || w.Dues() != 3 {
			t.Errorf("%d waits, %d dues", w.Waits(), w.Dues())
		}

		m.party.End()
		w.verify()
		if w.Waits() != 1 || w.Dues() != 0 {
			t.Errorf("%d waits, %d dues are left", w.Waits(), w.Dues())
		}
		if got := w.told(); got != "abandoned:3" {
			t.Errorf("counted %q", got)
		}
		// Nothing that happens now is told to who is gone.
		mine[0].Respond(response(200), "yes")
		mine[1].Fail(nil)
		mine[2].Put(ack.Ack{Label: "my:ack", Status: 200})
		w.ack(other, "your:ack", "c", 200)
		w.ack(m, "my:ack", "c", 200)
		m.party.End()
		w.refused(m, terms(true, "c"))
		time.Sleep(11 * time.Second)
		synctest.Wait()
		for _, a := range mine {
			if got := a.told(); got != "" {
				t.Errorf("told %q", got)
			}
		}
		if got := theirs.told(); got != "my:ack=408" {
			t.Errorf("the other is told %q", got)
		}
		w.empty()
		if len(w.parties) != 1 {
			t.Errorf("%d parties", len(w.parties))
		}
	})
}

// TestClose checks that nothing is left when the broker is closed, and nobody gets in any more.
func TestClose(t *testing.T) {
	w := newWorld(t, Options{})
	m := w.member("my:ack")
	a := w.open(m, terms(true, "c", "my:ack"))
	w.publish(a, m)
	w.Close()
	w.empty()
	a.Respond(response(200), "yes")
	if got := a.told() + ", " + w.told(); got != ", abandoned:1 unknown:1" {
		t.Errorf("told %q", got)
	}
	w.refused(m, terms(true, "c"))
	w.refused(w.member(), terms(true, "c"))
	if !w.NewParty().ended {
		t.Error("a party takes part")
	}
	w.Close()
	m.party.End()
	w.empty()
}

// TestNobody checks that a broker without hooks and without a list of labels works.
func TestNobody(t *testing.T) {
	b := New(Options{})
	defer b.Close()
	p := b.NewParty()
	wait, err := b.Open(p, terms(false, "c", "my:ack"))
	if err != nil {
		t.Fatal(err)
	}
	wait.Given()
	if b.Find(p, "d") != nil || b.Waits() != 1 {
		t.Errorf("%d waits", b.Waits())
	}
	p.End()
}
