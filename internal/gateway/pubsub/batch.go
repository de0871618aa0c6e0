package pubsub

import (
	"hash/maphash"
	"slices"
)

// batch is signals that are published together, and the editions that they
// have so far.
type batch struct {
	signals []*Signal
	views   []View   // by signal, of the audience that is asked about
	last    *edition // nil if there is none yet

	// What is remembered once there is a second edition.
	kept   map[uint64]*edition // by the hash of their views
	frames map[look][]byte     // nil for what is not to be told
	size   int                 // what they take, in bytes
}

// look is how a signal of the batch looks with a view.
type look struct {
	signal int
	view   View
}

// maxKept is how much of a batch's editions is remembered, in bytes. A batch
// of the size that the engine commits has room for a few; only many, large
// and all different ones do not fit, and a policy could make a subscriber for
// each of them.
const maxKept = 16 << 20

var seed = maphash.MakeSeed()

// edition returns what the audience receives, nil if that is nothing. The
// last one is compared first, because mostly all audiences have the same.
func (b *batch) edition(a *Audience) *edition {
	if !b.ask(a) {
		return nil
	}
	if b.last == nil {
		b.last = b.compose()
	} else if !slices.Equal(b.views, b.last.views) {
		b.last = b.other()
	}
	return b.last
}

// ask sets the views of the audience, and reports whether it sees anything.
func (b *batch) ask(a *Audience) bool {
	if b.views == nil {
		b.views = make([]View, len(b.signals))
	}
	sees := false
	for i, s := range b.signals {
		b.views[i] = s.Body.View(a)
		sees = sees || b.views[i] != nil
	}
	return sees
}

// other returns the edition with the views, which are not those of the last.
func (b *batch) other() *edition {
	if b.kept == nil {
		b.kept, b.frames = map[uint64]*edition{}, map[look][]byte{}
		b.keep(hash(b.last.views), b.last)
	}
	key := hash(b.views)
	if e := b.kept[key]; e != nil && slices.Equal(b.views, e.views) {
		return e
	}
	e := b.compose()
	b.keep(key, e)
	return e
}

// keep remembers an edition and its frames, if there is room.
func (b *batch) keep(key uint64, e *edition) {
	if b.size >= maxKept {
		return
	}
	b.size += len(e.burst.Bytes()) + len(e.views)*usualSignal
	b.kept[key] = e
	frame := 0
	for i, v := range e.views {
		if v == nil {
			continue
		}
		var data []byte
		if frame < len(e.told) && e.told[frame] == i {
			data = e.burst.Frame(frame)
			frame++
		}
		b.frames[look{signal: i, view: v}] = data
	}
}

func hash(views []View) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, v := range views {
		maphash.WriteComparable(&h, v)
	}
	return h.Sum64()
}
