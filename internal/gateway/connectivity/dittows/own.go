package dittows

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// own is what this end has changed at the other: it is no news here. The other end sends no events of it, but its histories have them.
//
// Of a change that was answered the revision is known. Of one that was not, because the connection was lost, only what it was: it may have
// been made, and before any that was answered since.
type own struct {
	seed maphash.Seed

	mu     sync.Mutex
	things recent[deeds]
}

// deeds are the changes of one thing.
type deeds struct {
	spans []span
	tries []try
}

// span is a run of revisions.
type span struct{ first, last int64 }

// try is a change of which the revision is not known. If it was made, then before the revision before; 0 if that is not known either.
type try struct {
	what   uint64
	before int64
}

// Bounds of what is remembered of one thing. The oldest makes room.
const (
	maxSpans = 32
	maxTries = 32
)

func newOwn(limit int) *own {
	return &own{seed: maphash.MakeSeed(), things: newRecent[deeds](limit)}
}

// what returns the same for a command and for the event that it leads to.
func (o *own) what(env *protocol.Envelope) uint64 {
	var h maphash.Hash
	h.SetSeed(o.seed)
	switch env.Topic.Action {
	case protocol.Delete, protocol.Deleted:
		_ = h.WriteByte('d')
	case protocol.Merge, protocol.Merged:
		_ = h.WriteByte('m')
	default:
		_ = h.WriteByte('s')
	}
	_, _ = h.WriteString(strings.Trim(env.Path, "/"))
	_ = h.WriteByte(0)
	_, _ = h.Write(env.Value)
	return h.Sum64()
}

// tried remembers a change that is about to be asked for.
func (o *own) tried(thing string, what uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.things.touch(thing)
	if len(d.tries) >= maxTries {
		d.tries = slices.Delete(d.tries, 0, 1)
	}
	d.tries = append(d.tries, try{what: what})
}

// made says that a change was made, with a revision. Those that were asked for before on connections that are lost were made before that,
// if at all.
func (o *own) made(thing string, what uint64, revision int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.things.touch(thing)
	at := d.last(what)
	for i := range d.tries {
		if i < at && d.tries[i].before == 0 {
			d.tries[i].before = revision
		}
	}
	d.drop(at)
	d.add(revision)
}

// refused says that a change was not made.
func (o *own) refused(thing string, what uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.things.touch(thing)
	d.drop(d.last(what))
}

// did reports whether an event is of a change that this end has made.
func (o *own) did(e *event) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.things.get(e.thing)
	if d == nil {
		return false
	}
	what := o.what(&e.env)
	return d.has(e.revision) || slices.ContainsFunc(d.tries, func(t try) bool {
		return t.what == what && (t.before == 0 || e.revision < t.before)
	})
}

// didAll reports whether all of these revisions are of changes that this end has made.
func (o *own) didAll(thing string, first, last int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.things.get(thing)
	return d != nil && first <= last && slices.ContainsFunc(d.spans, func(s span) bool {
		return s.first <= first && last <= s.last
	})
}

// forget forgets everything.
func (o *own) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.things.clear()
}

// last returns the place of the last try of a change, -1 if there is none.
func (d *deeds) last(what uint64) int {
	for i, t := range slices.Backward(d.tries) {
		if t.what == what {
			return i
		}
	}
	return -1
}

func (d *deeds) drop(at int) {
	if at >= 0 {
		d.tries = slices.Delete(d.tries, at, at+1)
	}
}

func (d *deeds) has(revision int64) bool {
	return slices.ContainsFunc(d.spans, func(s span) bool { return s.first <= revision && revision <= s.last })
}

// add adds a revision, mostly behind the last.
func (d *deeds) add(revision int64) {
	if d.has(revision) {
		return
	}
	for i := len(d.spans) - 1; i >= 0; i-- {
		if d.spans[i].last+1 == revision {
			d.spans[i].last = revision
			return
		}
	}
	if len(d.spans) >= maxSpans {
		d.spans = slices.Delete(d.spans, 0, 1)
	}
	d.spans = append(d.spans, span{revision, revision})
}
