package broker

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// refused checks that there is no room for a wait, and that nothing of it is left.
func (w *world) refused(m *member, t Terms) {
	w.Helper()
	w.told()
	a, err := w.try(m, t)
	if err == nil || err.Status != 429 || err.Code != "too.many.requests" || a.Wait != nil {
		w.Fatalf("%.20s is not refused: %v", t.CorrelationID, err)
	}
	if got := w.told(); got != "refused:1" || a.told() != "" {
		w.Errorf("%.20s: counted %q, told %q", t.CorrelationID, got, a.told())
	}
	w.verify()
}

// ways are those in which a wait for a response ends.
var ways = map[string]func(*asking, *member){
	"a response": func(a *asking, _ *member) { a.Respond(response(200), "yes") },
	"a failure":  func(a *asking, _ *member) { a.Fail(protocol.ErrThingNotFound(thing)) },
	"the end":    func(_ *asking, m *member) { m.party.End() },
	"the time":   func(*asking, *member) { time.Sleep(11 * time.Second); synctest.Wait() },
}

// TestMaxWaits fills the broker, and makes room again in every way in which waits end.
func TestMaxWaits(t *testing.T) {
	for name, end := range ways {
		inTime(t, Options{MaxWaits: 2}, func(w *world) {
			first, second := w.member(), w.member()
			a := w.open(first, terms(true, "c"))
			late := terms(true, "c")
			late.Received = late.Received.Add(time.Hour)
			w.open(second, late)
			w.refused(first, terms(true, "d"))
			w.refused(w.member(), terms(false, "d", "my:ack"))
			end(a, first)
			w.open(second, late)
			w.refused(second, late)
			if a.told() == "" && name != "the end" {
				t.Errorf("%s: nobody is told", name)
			}
		})
	}
}

// TestMaxWaitsEach checks that one party does not take the room of others.
func TestMaxWaitsEach(t *testing.T) {
	for _, end := range ways {
		inTime(t, Options{MaxWaitsEach: 2}, func(w *world) {
			first, second := w.member(), w.member()
			a := w.open(first, terms(true, "c"))
			w.open(first, terms(false, "c", "my:ack"))
			w.refused(first, terms(true, "d"))
			w.open(second, terms(true, "d"))
			end(a, first)
			if first.party.ended {
				first = w.member()
			}
			w.open(first, terms(true, "d"))
			w.verify()
		})
	}
}

// TestMaxBytes checks that what owners keep is bounded, for one and for all.
func TestMaxBytes(t *testing.T) {
	w := newWorld(t, Options{MaxBytes: 250, MaxBytesEach: 100})
	sized := func(id string, size int) Terms {
		t := terms(true, id)
		t.Size = size
		return t
	}
	a, b, c := w.member(), w.member(), w.member()
	first := w.open(a, sized("c", 98))
	w.refused(a, sized("d", 1))
	w.open(a, sized("", 1)) // 100 in all
	w.refused(a, sized("d", 0))
	w.refused(b, sized(strings.Repeat("x", 101), 0))
	w.refused(b, sized("", 101))
	w.open(b, sized("", 100))
	w.open(c, sized("", 50))
	w.refused(c, sized("", 1))
	first.Respond(response(200), "yes")
	w.open(c, sized("", 50))
	w.open(w.member(), sized("", -1000))
	w.refused(w.member(), sized("", 50))
	w.verify()
	for _, m := range []*member{a, b, c} {
		m.party.End()
	}
	w.verify()
}

// TestMaxBytesOfAcknowledgements checks that what has come is bounded as well, as long as it must be kept.
func TestMaxBytesOfAcknowledgements(t *testing.T) {
	const size = 10_000
	for name, o := range map[string]Options{"each": {MaxBytesEach: 2 * size}, "all": {MaxBytes: 2 * size}} {
		w := newWorld(t, o)
		asker := w.member()
		said := func(label string) ack.Ack { return ack.Ack{Label: label, Status: 200, Payload: make([]byte, size)} }
		var asks [3]*asking
		for i := range asks {
			asks[i] = w.open(asker, terms(false, fmt.Sprint(i), "my:ack", "our:ack"))
			asks[i].Put(said("my:ack"))
			asks[i].Put(said("my:ack")) // is not kept
			w.verify()
		}
		asks[0].Put(said("our:ack")) // the last is passed on at once
		asks[1].Put(said("our:ack"))
		if got := asks[0].told() + ", " + asks[1].told(); got != "my:ack=200 our:ack=200, my:ack=413 our:ack=200" {
			t.Errorf("%s: told %q", name, got)
		}
		asks[2].Put(said("our:ack")) // was kept out, too, but its room was not taken
		a := w.open(asker, terms(false, "again", "my:ack", "our:ack"))
		a.Put(said("my:ack"))
		a.Put(said("our:ack"))
		if got := a.told(); got != "my:ack=200 our:ack=200" {
			t.Errorf("%s: when there is room again: told %q", name, got)
		}
		w.empty()

		a = w.open(asker, terms(false, "end", "my:ack", "our:ack"))
		a.Put(said("my:ack"))
		asker.party.End()
		a.Put(said("our:ack"))
		w.empty()
	}
}

// TestMaxBytesOfPlaces checks that labels count that are waited for.
func TestMaxBytesOfPlaces(t *testing.T) {
	w := newWorld(t, Options{MaxBytesEach: 5000})
	asker, labels := w.member(), make([]string, ack.MaxLabels)
	for i := range labels {
		labels[i] = fmt.Sprintf("my:ack%d", i)
	}
	w.refused(asker, terms(false, "c", labels...))
	w.open(asker, terms(false, "c", labels[:8]...))
}

// TestHugeIDsAreNotSuffixed checks that no book of a receiver holds a copy of a huge correlation id.
func TestHugeIDsAreNotSuffixed(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack")
	asker, m := w.member(), w.member("my:ack")
	for size, want := range map[int]string{maxSuffixed: "", maxSuffixed + 1: "my:ack=409"} {
		id := strings.Repeat("x", size)
		w.publish(w.open(asker, terms(false, id, "my:ack")), m)
		second := w.open(asker, terms(false, id, "my:ack"))
		w.publish(second, m)
		if got := second.told(); got != want {
			t.Errorf("%d: told %q", size, got)
		}
	}
	w.verify()
}

// TestMaxDuesEach fills the book of a receiver: it sees more signals, but is not asked, and the requester is told so at once.
func TestMaxDuesEach(t *testing.T) {
	w := newWorld(t, Options{MaxDuesEach: 2}, "my:ack", "our:ack")
	asker, m, other := w.member(), w.member("my:ack", "our:ack"), w.member("my:ack")
	ask := func(id string) *asking { return w.open(asker, terms(false, id, "my:ack", "our:ack")) }
	first := ask("a")
	w.publish(first, m)
	w.publish(ask("b"), m)
	w.told()
	full := ask("c")
	if got := w.publish(full, m, other); got[0] != "c" || got[1] != "c my:ack" {
		t.Errorf("given as %q", got)
	}
	if got := full.told() + ", " + w.told(); got != "my:ack=503 our:ack=503, answered:1" {
		t.Error(got)
	}
	w.verify()

	// A live signal can be responded to nevertheless.
	live := w.open(asker, terms(true, "a"))
	if got := w.publish(live, m)[0]; got != "a" {
		t.Errorf("given as %q", got)
	}
	if w.Find(m.party, "a") != live.Wait {
		t.Error("no response is possible")
	}

	first.Fail(protocol.ErrInternal())
	if got := w.publish(ask("d"), m)[0]; got != "d my:ack our:ack" {
		t.Errorf("when there is room again: given as %q", got)
	}
	w.verify()
}

// TestMaxDuesOfTheDiligent checks that who answers always has room, although others do not answer the same signals.
func TestMaxDuesOfTheDiligent(t *testing.T) {
	w := newWorld(t, Options{MaxDuesEach: 8, MaxWaitsEach: 1000})
	asker, m := w.member(), w.member("my:ack", "our:ack")
	for i := range 500 {
		id := fmt.Sprint(i % 50)
		a := w.open(asker, terms(false, id, "my:ack", "their:ack"))
		asked := w.publish(a, m)[0]
		given, _, found := strings.Cut(asked, " my:ack")
		if !found || !strings.HasPrefix(given, id) {
			t.Fatalf("%d: given as %q", i, asked)
		}
		w.ack(m, "my:ack", given, 200)
		if w.Dues() > 8 {
			t.Fatalf("%d dues", w.Dues())
		}
		w.verify()
	}
	if got := w.told(); got != "" {
		t.Errorf("counted %q", got)
	}
	// Who does not is not asked any more, when none but a few have been answered.
	for i := range 8 {
		w.publish(w.open(asker, terms(false, fmt.Sprintf("x%d", i), "my:ack", "their:ack")), m)
	}
	a := w.open(asker, terms(false, "y", "my:ack"))
	w.publish(a, m)
	if got := a.told(); got != "my:ack=503" {
		t.Errorf("told %q", got)
	}
	asker.party.End()
	w.empty()
}

// TestBooksShrink checks that a book which was large keeps nothing when it is empty.
func TestBooksShrink(t *testing.T) {
	var b book[*Wait]
	some := &Wait{}
	for _, many := range []int{roomy, roomy + 1} {
		for i := range many {
			b.enter(fmt.Sprint(i), some)
		}
		if b.enter("0", &Wait{}) || b.strike("0", &Wait{}) || b.strike("none", some) || b.len() != many {
			t.Errorf("one entry in place of another: %d", b.len())
		}
		for i := range many {
			if b.get(fmt.Sprint(i)) != some || !b.strike(fmt.Sprint(i), some) {
				t.Errorf("%d is not in", i)
			}
		}
		if kept := b.entries != nil; kept != (many <= roomy) {
			t.Errorf("after %d: kept %v", many, kept)
		}
	}
	// What has shrunk is as good as new.
	if !b.enter("0", some) || b.get("0") != some || !b.strike("0", some) || b.entries == nil {
		t.Error("nothing can be entered, or the map is given away again")
	}
}
