package broker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// TestAsked says whom a signal asks for which acknowledgements.
func TestAsked(t *testing.T) {
	w := newWorld(t, Options{})
	for _, c := range []struct{ requested, declared, want string }{
		{"my:ack", "my:ack", "my:ack"},
		{"my:ack", "", ""},
		{"my:ack", "your:ack", ""},
		{"my:ack your:ack", "a-b my:ack your:ack z-z", "my:ack your:ack"},
		{"your:ack a-b my:ack", "my:ack your:ack", "your:ack my:ack"},
		{"my:ack twin-persisted search-persisted", "my:ack search-persisted twin-persisted", "my:ack"},
	} {
		a := w.open(w.member(), terms(false, "c", strings.Fields(c.requested)...))
		d := a.Asked(&pubsub.Audience{Acks: strings.Fields(c.declared)})
		if got := strings.Join(d.Acks, " "); got != c.want || d.CorrelationID != "c" {
			t.Errorf("%q of %q: %+v, want %q", c.declared, c.requested, d, c.want)
		}
	}
}

// TestWeak says for whom a weak acknowledgement is given: for those who are there, and were not given the signal.
func TestWeak(t *testing.T) {
	declared := []string{"my:ack", "your:ack"}
	for name, c := range map[string]struct {
		requested string
		given     func(w *world) []pubsub.Subscriber
		told      string
		counts    string
	}{
		"nobody is given it": {"my:ack your:ack", func(*world) []pubsub.Subscriber { return nil },
			"my:ack=200(weak) your:ack=200(weak)", "answered:1 weak:2"},
		"one of two is given it": {"my:ack your:ack", func(w *world) []pubsub.Subscriber {
			return []pubsub.Subscriber{w.member("my:ack")}
		}, "", "weak:1"},
		"both are given it": {"my:ack your:ack", func(w *world) []pubsub.Subscriber {
			return []pubsub.Subscriber{w.member("my:ack"), w.member(), w.member("your:ack")}
		}, "", ""},
		"one has declared both": {"my:ack your:ack", func(w *world) []pubsub.Subscriber {
			return []pubsub.Subscriber{w.member("my:ack", "your:ack")}
		}, "", ""},
		"others are given it": {"my:ack", func(w *world) []pubsub.Subscriber {
			return []pubsub.Subscriber{w.member(), w.member("your:ack")}
		}, "my:ack=200(weak)", "answered:1 weak:1"},
		"who cannot answer is given it": {"my:ack", func(*world) []pubsub.Subscriber {
			return []pubsub.Subscriber{&stranger{pubsub.Audience{Acks: declared}}}
		}, "my:ack=200(weak)", "answered:1 weak:1"},
		"who is gone is given it": {"my:ack", func(w *world) []pubsub.Subscriber {
			m := w.member("my:ack")
			m.party.End()
			return []pubsub.Subscriber{m}
		}, "my:ack=200(weak)", "answered:1 weak:1"},
		"nobody has declared it":  {"their:ack", func(*world) []pubsub.Subscriber { return nil }, "", ""},
		"nobody declares storing": {twinPersisted + " my:ack", func(*world) []pubsub.Subscriber { return nil }, "", "weak:1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Options{}, append(declared, twinPersisted)...)
			a := w.open(w.member(), terms(false, "c", strings.Fields(c.requested)...))
			w.publish(a, c.given(w)...)
			if got := a.told(); got != c.told {
				t.Errorf("told %q, want %q", got, c.told)
			}
			if got := w.told(); got != c.counts {
				t.Errorf("counted %q, want %q", got, c.counts)
			}
			w.verify()
		})
	}
}

// TestGivenForLiveSignals checks that nobody responds weakly.
func TestGivenForLiveSignals(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack", liveResponse)
	alone := w.open(w.member(), terms(true, "c"))
	w.publish(alone)
	both := w.open(w.member(), terms(true, "d", "my:ack"))
	w.publish(both)
	both.Respond(response(200), "yes")
	if alone.told() != "" || both.told() != "my:ack=200(weak) live-response=200" {
		t.Errorf("told %q and %q", alone.told(), both.told())
	}
}

// TestGivenOnce checks that what is put into the books is taken out with the wait.
func TestGivenOnce(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack", "your:ack")
	mine, yours, audience := w.member("my:ack"), w.member("your:ack"), w.member()
	a := w.open(w.member(), terms(false, "c", "my:ack", "your:ack"))
	asked := w.publish(a, mine, yours, audience, &stranger{mine.audience})
	if diff := cmp.Diff([]string{"c my:ack", "c your:ack", "c", "c"}, asked); diff != "" {
		t.Error(diff)
	}
	if w.Dues() != 2 {
		t.Errorf("%d dues", w.Dues())
	}
	w.verify()
	w.ack(mine, "my:ack", "c", 200)
	w.verify()
	w.ack(yours, "your:ack", "c", 500)
	if got := a.told(); got != "my:ack=200 your:ack=500" {
		t.Errorf("told %q", got)
	}
	w.empty()
	// What is given for a wait that has ended needs no answer.
	if d := a.Give(mine, a.Asked(mine.Audience())); d.CorrelationID != "c" {
		t.Errorf("asked %+v", d)
	}
	a.Given()
	w.empty()
	if got := w.told(); got != "answered:1" {
		t.Errorf("counted %q", got)
	}
}

// TestSuffixes checks under which correlation ids several signals with the same are given.
func TestSuffixes(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack")
	asker, m, other := w.member(), w.member("my:ack"), w.member("my:ack")
	ask := func(id string) *asking { return w.open(asker, terms(false, id, "my:ack")) }
	give := func(a *asking, want string) {
		t.Helper()
		if got := w.publish(a, m)[0]; got != want {
			t.Errorf("given as %q, want %q", got, want)
		}
		w.verify()
	}
	a, b, c := ask("c"), ask("c"), ask("c")
	give(a, "c my:ack")
	give(b, "c#0 my:ack")
	give(c, "c#1 my:ack")

	// Each is acknowledged under its own, in any order, and the suffix is free again only when none is used.
	w.ack(m, "my:ack", "c#1", 201)
	w.ack(m, "my:ack", "c", 202)
	if a.told() != "my:ack=202" || b.told() != "" || c.told() != "my:ack=201" {
		t.Errorf("told %q, %q, %q", a.told(), b.told(), c.told())
	}
	d, e := ask("c"), ask("c")
	give(d, "c my:ack")
	give(e, "c#2 my:ack")
	for _, id := range []string{"c", "c#0", "c#2"} {
		w.ack(m, "my:ack", id, 200)
	}
	w.empty()

	// Others are given what they have not yet, and ids of requesters may look as they like.
	x, y, z := ask("c#0"), ask("c"), ask("c")
	give(x, "c#0 my:ack")
	give(y, "c my:ack")
	if got := w.publish(z, other, m); got[0] != "c my:ack" || got[1] != "c#1 my:ack" {
		t.Errorf("given as %q", got)
	}
	give(ask("c#0"), "c#0#0 my:ack")
	asker.party.End()
	w.empty()
}

// TestSuffixesInUse lets a requester use the ids that others would be given.
func TestSuffixesInUse(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack")
	asker, m := w.member(), w.member("my:ack")
	for i := range maxTries {
		w.publish(w.open(asker, terms(false, fmt.Sprintf("c#%d", i), "my:ack")), m)
	}
	w.publish(w.open(asker, terms(false, "c", "my:ack")), m)
	a := w.open(asker, terms(false, "c", "my:ack"))
	if got := w.publish(a, m)[0]; got != "c" {
		t.Errorf("given as %q", got)
	}
	if got := a.told(); got != "my:ack=409" {
		t.Errorf("told %q", got)
	}
	w.verify()
	asker.party.End()
	w.empty()
}

// TestSuffixesOfMany checks that one id used again and again costs one try each: the numbers have no gaps, so that none was
// looked for in vain.
func TestSuffixesOfMany(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack")
	asker, m := w.member(), w.member("my:ack")
	for i := range 5000 {
		want := fmt.Sprintf("c#%d my:ack", i-1)
		if i == 0 {
			want = "c my:ack"
		}
		if got := w.publish(w.open(asker, terms(false, "c", "my:ack")), m)[0]; got != want {
			t.Fatalf("%d: given as %q", i, got)
		}
	}
	w.verify()
	asker.party.End()
	w.empty()
}

// TestSuffixesOfLiveSignals checks that who can respond to two signals with one id is given two.
func TestSuffixesOfLiveSignals(t *testing.T) {
	w := newWorld(t, Options{}, "my:ack")
	asker, m := w.member(), w.member("my:ack")
	w.publish(w.open(asker, terms(false, "c", "my:ack")), m)
	live := w.open(asker, terms(true, "c"))
	if got := w.publish(live, m, w.member("my:ack")); got[0] != "c#0" || got[1] != "c" {
		t.Errorf("given as %q", got)
	}
	for _, id := range []string{"c", "c#0"} {
		if w.Find(m.party, id) != live.Wait {
			t.Errorf("%s finds another", id)
		}
	}
	// An acknowledgement is not asked for.
	if err := w.acknowledge(m, protocol.Live, thing, "my:ack", "c#0", 200); err != nil {
		t.Error(err)
	}
	if got := w.told(); got != "repeated:1" {
		t.Errorf("counted %q", got)
	}
	w.verify()
	asker.party.End()
	w.empty()
}
