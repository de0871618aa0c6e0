package rql

import (
	"sync" //nolint:depguard // A pool hides no state from anybody; without it every evaluation allocates.
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Match tells whether the predicate holds for a subject. It may be called concurrently. The error is ErrTooMuchWork, which
// says nothing about the subject.
func (p *Predicate) Match(s *Subject) (bool, error) {
	e, _ := evaluations.Get().(*evaluation)
	t := e.match(p, s)
	if s.Work != nil {
		*s.Work -= s.limit() - e.work
	}
	e.release()
	if t == unknown {
		return false, ErrTooMuchWork
	}
	return t == yes, nil
}

// evaluations are reused.
var evaluations = sync.Pool{New: func() any { return new(evaluation) }}

// evaluation is what is known while a predicate is evaluated.
type evaluation struct {
	p *Predicate
	// found are the leaves that hold, and known those that no value can change any more.
	found, known bits
	// states says by node what the layers so far have there.
	states []state
	// times is what the times of the predicate stand for.
	times []constant
	// work is how much may still be done.
	work int
	// scalar is the one that is being looked at.
	scalar scalar
	// room is where small texts are made.
	room []byte

	// doc is the layer that is being looked at.
	doc   []byte
	patch bool
	// nested is how many arrays are around the value that is being looked at.
	nested int
}

// match tells whether the predicate holds for a subject; unknown if that takes too much work.
func (e *evaluation) match(p *Predicate, s *Subject) truth {
	e.begin(p, s.Now)
	e.work = s.limit() - unitsPerTime*len(p.times)
	if s.Facts != nil {
		e.askFacts(s.Facts)
	}
	e.know(0, p.root.begin) // nobody else has placeholders
	for i := range s.Layers {
		if e.holds() != unknown || e.work < 0 {
			break
		}
		e.layer(&s.Layers[i])
	}
	e.know(p.root.begin, p.root.end)
	return e.holds()
}

// holds tells whether the predicate does, as far as is known.
func (e *evaluation) holds() truth { return e.p.formula.holds(&e.found, &e.known) }

// know notes that all is known of a range of leaves, unless work ended before that.
func (e *evaluation) know(begin, end int) {
	if e.work >= 0 {
		e.known.addAll(begin, end)
	}
}

func (e *evaluation) begin(p *Predicate, now time.Time) {
	e.p, e.nested = p, 0
	e.found, e.known = bits{}, bits{}
	if cap(e.states) < p.nodes {
		e.states = make([]state, p.nodes)
	}
	e.states = e.states[:p.nodes]
	clear(e.states)
	for i, t := range p.times {
		if i == len(e.times) {
			e.times = append(e.times, constant{})
		}
		e.times[i].setTime(t, now)
	}
}

// maxRoom is how much room for texts is kept, in bytes.
const maxRoom = 4 << 10

// release makes the evaluation available to others. It holds nothing of the subject then.
func (e *evaluation) release() {
	e.p, e.doc, e.scalar = nil, nil, scalar{key: e.scalar.key}
	if cap(e.room) > maxRoom {
		e.room = nil
	}
	evaluations.Put(e)
}

func (e *evaluation) askFacts(facts Facts) {
	for _, n := range e.p.placeholders {
		if text, ok := facts.Placeholder(n.token); ok {
			e.room = document.AppendString(e.room[:0], text)
			e.see(n, e.room)
		}
	}
	for _, n := range e.p.fields {
		if raw, ok := facts.AppendField(e.room[:0], n.token); ok {
			e.room = raw
			e.doc, e.patch = raw, false
			e.value(n, 0)
			e.states[n.index] = final
			e.know(n.begin, n.end)
		}
	}
}

// reach notes that there is a value at the node.
func (e *evaluation) reach(n *node, s substance) {
	for _, l := range n.leaves {
		if l.least != nothing && s >= l.least {
			e.found.add(l.index)
		}
	}
}

// see asks the leaves of the node about a scalar.
func (e *evaluation) see(n *node, raw []byte) {
	v := &e.scalar
	v.set(raw)
	e.reach(n, v.substance())
	e.ask(n)
}

// ask asks the tests of the node about the scalar.
func (e *evaluation) ask(n *node) {
	e.work -= 1 + len(e.scalar.text)/textPerUnit
	for _, l := range n.leaves {
		if e.work < 0 {
			return
		}
		if l.test == nil || e.found.has(l.index) {
			continue
		}
		ok, cost := l.test.holds(&e.scalar, e.times)
		e.work -= cost
		if ok {
			e.found.add(l.index)
		}
	}
}
