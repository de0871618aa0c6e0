package dittows

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// occurred returns an event of a thing.
func occurred(t *testing.T, thing string, revision int64) *event {
	t.Helper()
	return occurredAt(t, thing, revision, "2026-01-01T00:00:00Z")
}

func occurredAt(t *testing.T, thing string, revision int64, at string) *event {
	t.Helper()
	text := fmt.Sprintf(`{"topic":"%s/things/twin/events/modified","headers":{},"path":"/attributes","value":{},"revision":%d,"timestamp":%q}`,
		strings.Replace(thing, ":", "/", 1), revision, at)
	e, err := readEvent([]byte(text), "in")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// passed is what a gate has let through.
type passed struct{ events []string }

func (p *passed) take(e *event) {
	p.events = append(p.events, fmt.Sprintf("%s@%d", e.thing, e.revision))
}

func (p *passed) must(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(p.events, want) {
		t.Errorf("through are %q, want %q", p.events, want)
	}
	p.events = nil
}

func newTestGate(held int) (*gate, *passed) {
	s := defaults()
	s.held = held
	p := &passed{}
	return newGate(&s, newMemory(100), p.take), p
}

// A gate is open, but for things of which something is or may be missing.
func TestGate(t *testing.T) {
	g, p := newTestGate(10)
	g.arrive(occurred(t, "n:a", 3))
	g.arrive(occurred(t, "n:a", 7)) // a filter leaves something out
	p.must(t, "n:a@3", "n:a@7")
	g.compare()
	g.arrive(occurred(t, "n:a", 8)) // nothing is missing
	g.arrive(occurred(t, "n:a", 10))
	g.arrive(occurred(t, "n:b", 1))
	g.arrive(occurred(t, "n:a", 11))
	p.must(t, "n:a@8")
	g.begin("n:a")
	g.replay(occurred(t, "n:a", 9))
	g.arrive(occurred(t, "n:a", 12))
	g.replay(occurred(t, "n:a", 10))
	if missed := g.end("n:a", true); missed != 0 {
		t.Errorf("%d is missing", missed)
	}
	p.must(t, "n:a@9", "n:a@10", "n:a@11", "n:a@12")
	g.arrive(occurred(t, "n:a", 13))
	if missing := g.compared(); len(missing) != 0 {
		t.Errorf("missing are %v", missing)
	}
	p.must(t, "n:a@13", "n:b@1")
	if g.number != 0 || g.size != 0 || len(g.held) != 0 {
		t.Errorf("%d events of %d bytes are held", g.number, g.size)
	}
}

// What finds no room is replayed.
func TestGateWithoutRoom(t *testing.T) {
	g, p := newTestGate(2)
	g.compare()
	for revision := int64(1); revision < 6; revision++ {
		g.arrive(occurred(t, "n:a", revision))
		g.arrive(occurred(t, "n:b", revision))
	}
	g.begin("n:b")
	if missing := g.compared(); len(missing) != 1 || missing["n:a"] != 5 {
		t.Errorf("missing are %v", missing)
	}
	p.must(t)
	for revision := int64(1); revision < 4; revision++ {
		g.replay(occurred(t, "n:b", revision))
	}
	p.must(t, "n:b@1", "n:b@2", "n:b@3")
	if missed := g.end("n:b", true); missed != 5 {
		t.Errorf("%d is missing", missed)
	}
	g.replay(occurred(t, "n:b", 4))
	g.replay(occurred(t, "n:b", 5))
	g.arrive(occurred(t, "n:b", 6))
	if missed := g.end("n:b", true); missed != 0 {
		t.Errorf("%d is missing", missed)
	}
	p.must(t, "n:b@4", "n:b@5", "n:b@6")
	// What cannot be replayed is let go.
	g.arrive(occurred(t, "n:a", 9))
	g.end("n:a", false)
	g.arrive(occurred(t, "n:a", 10))
	p.must(t, "n:a@9", "n:a@10")
	if g.number != 0 || g.size != 0 || len(g.held) != 0 {
		t.Errorf("%d events of %d bytes are held", g.number, g.size)
	}
}

// The memory is bounded: what was told of longest ago is forgotten.
func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(3)
	for _, thing := range []string{"n:a", "n:b", "n:c", "n:a", "n:d"} {
		m.told(occurred(t, thing, 1))
	}
	var known []string
	for _, k := range m.all() {
		known = append(known, k.thing)
	}
	if !slices.Equal(known, []string{"n:d", "n:a", "n:c"}) {
		t.Errorf("known are %q", known)
	}
	m.owe("n:b", 1) // forgotten: nothing is owed
	m.failed("n:b", 1)
	if m.retries() != 0 {
		t.Error("something forgotten is to be told again")
	}
}

// The horizon does not move while a gap is open, and not back.
func TestHorizon(t *testing.T) {
	at := func(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }
	m := newMemory(10)
	if m.begin(at(1)) {
		t.Error("there is a gap before anything was asked for")
	}
	m.told(occurredAt(t, "n:a", 1, "2026-01-01T00:00:05Z"))
	m.told(occurredAt(t, "n:b", 1, "2026-01-01T00:00:03Z"))
	if got := m.since(); !got.Equal(at(5).Add(-disorder)) {
		t.Errorf("since %s", got)
	}
	if !m.begin(at(20)) {
		t.Error("there is no gap")
	}
	m.told(occurredAt(t, "n:a", 2, "2026-01-01T00:00:30Z"))
	if got := m.since(); !got.Equal(at(5).Add(-disorder)) {
		t.Errorf("since %s while the gap is open", got)
	}
	m.closed()
	if got := m.since(); !got.Equal(at(30).Add(-disorder)) {
		t.Errorf("since %s", got)
	}
	m.forget()
	if m.begin(at(40)) || len(m.all()) != 0 {
		t.Error("something is remembered")
	}
}

// What is owed is missing for the next client, with everything behind it, whatever was told since.
func TestOwed(t *testing.T) {
	m := newMemory(10)
	m.begin(time.Time{})
	for revision := int64(1); revision < 9; revision++ {
		m.told(occurred(t, "n:a", revision))
		if revision == 4 || revision == 6 {
			m.owe("n:a", revision)
		}
	}
	if k, _ := m.last("n:a"); k.revision != 8 {
		t.Errorf("the last is %d", k.revision)
	}
	m.begin(time.Time{})
	if k, _ := m.last("n:a"); k.revision != 3 {
		t.Errorf("the last is %d", k.revision)
	}
}

// Events of a life that was told to be over are not told.
func TestGateOfWhatIsGone(t *testing.T) {
	of := func(revision int64, action string) *event {
		text := fmt.Sprintf(`{"topic":"n/a/things/twin/events/%s","headers":{},"path":"/","value":{},"revision":%d}`, action, revision)
		e, err := readEvent([]byte(text), "in")
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	g, p := newTestGate(10)
	g.arrive(occurred(t, "n:a", 3))
	g.begin("n:a")
	for _, e := range []*event{occurred(t, "n:a", 7), of(8, "deleted"), of(9, "created"), occurred(t, "n:a", 10)} {
		g.arrive(e)
	}
	g.replay(of(4, "deleted")) // somewhere between 4 and 8
	g.end("n:a", true)
	p.must(t, "n:a@3", "n:a@4", "n:a@9", "n:a@10")
	g.begin("n:a")
	g.arrive(of(15, "deleted"))
	g.replay(of(11, "deleted"))
	g.end("n:a", true)
	p.must(t, "n:a@11")
	if k, _ := g.memory.last("n:a"); k.revision != 15 || !k.gone {
		t.Errorf("known is %+v", k)
	}
}
