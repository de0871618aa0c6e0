package dittows

import "sync"

// gate lets events of twins through, and holds back those of things of which events before them are missing.
type gate struct {
	settings *settings
	memory   *memory
	// pass takes an event that is through. It may wait for room.
	pass func(*event)

	mu sync.Mutex
	// comparing says that it is not known yet of which things events are missing.
	comparing bool
	// held are the things of which events are held back. There are so many, of so many bytes.
	held         map[string]*backlog
	number, size int
}

// backlog is what is held back of a thing.
type backlog struct {
	events []*event
	// missed is the revision of the last event for which there was no room, 0 if there was for all. Those before it have to be replayed.
	missed int64
	// replayed says that somebody replays what is missing.
	replayed bool
}

func newGate(s *settings, m *memory, pass func(*event)) *gate {
	return &gate{settings: s, memory: m, pass: pass, held: map[string]*backlog{}}
}

// arrive takes a new event.
func (g *gate) arrive(e *event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.held[e.thing]
	switch {
	case b == nil && (!g.comparing || g.follows(e)):
		g.let(e)
		return
	case b == nil:
		b = g.hold(e.thing)
	}
	g.keep(b, e)
}

// follows reports whether an event is the next after those that were told of its thing.
func (g *gate) follows(e *event) bool {
	k, ok := g.memory.last(e.thing)
	return ok && e.revision == k.revision+1
}

func (g *gate) let(e *event) {
	g.memory.told(e)
	g.pass(e)
}

func (g *gate) keep(b *backlog, e *event) {
	if b.missed != 0 || g.number >= g.settings.held || g.size+len(e.text) > g.settings.heldBytes {
		b.missed = max(b.missed, e.revision)
		return
	}
	b.events = append(b.events, e)
	g.number, g.size = g.number+1, g.size+len(e.text)
}

// empty takes all events out of a backlog.
func (g *gate) empty(b *backlog) []*event {
	events := b.events
	for _, e := range events {
		g.number, g.size = g.number-1, g.size-len(e.text)
	}
	b.events = nil
	return events
}

func (g *gate) hold(thing string) *backlog {
	b := g.held[thing]
	if b == nil {
		b = &backlog{}
		g.held[thing] = b
	}
	return b
}

// compare begins to hold back what does not follow what was told.
func (g *gate) compare() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.comparing = true
}

// begin holds back the events of a thing until those that are missing were replayed, and end was called.
func (g *gate) begin(thing string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold(thing).replayed = true
}

// replay lets through an event that was missing, unless it is of what this end has done: that is known here, and something newer may
// already be.
func (g *gate) replay(e *event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.held[e.thing] == nil: // it was abandoned
	case !e.whole && g.memory.own.did(e):
		g.memory.told(e)
	default:
		g.let(e)
	}
}

// end lets through what was held back, unless more is missing now: then it returns up to which revision, and goes on to hold back. If
// what is missing could not be replayed everything is let through.
func (g *gate) end(thing string, replayed bool) (missed int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.held[thing]
	if b == nil {
		return 0
	}
	k, _ := g.memory.last(thing)
	if replayed && b.missed > k.revision {
		missed, b.missed = b.missed, 0
		g.empty(b)
		return missed
	}
	g.flush(thing, b, replayed)
	return 0
}

// flush lets through what was held back, but for what was replayed.
func (g *gate) flush(thing string, b *backlog, replayed bool) {
	for _, e := range g.alive(thing, g.empty(b)) {
		if k, _ := g.memory.last(thing); !replayed || e.revision > k.revision || !e.env.HasRevision {
			g.let(e)
		}
	}
	delete(g.held, thing)
}

// alive returns the events of a life that was not told to be over. If it was, because the thing was gone when it was asked for, the event that
// says so is among those held back, and those before it are of the same life.
func (g *gate) alive(thing string, events []*event) []*event {
	if k, _ := g.memory.last(thing); !k.gone {
		return events
	}
	for i, e := range events {
		if e.deletes {
			g.memory.skip(thing, e.revision)
			return events[i+1:]
		}
		if e.creates {
			return events[i:]
		}
	}
	return events
}

// compared lets everything through of which nothing is replayed, and returns the things of which something is missing for lack of room,
// with the revision up to which.
func (g *gate) compared() map[string]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.comparing = false
	missing := map[string]int64{}
	for thing, b := range g.held {
		switch {
		case b.replayed:
		case b.missed != 0:
			missing[thing] = b.missed
			b.missed, b.replayed = 0, true
			g.empty(b)
		default:
			g.flush(thing, b, false)
		}
	}
	return missing
}

// abandon drops what is held back.
func (g *gate) abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.comparing = false
	clear(g.held)
	g.number, g.size = 0, 0
}
