package pubsub

import (
	"hash/maphash"
	"slices"
)

// batch is signals that are published together, and the editions that they
// have so far.
type batch struct {
	signals []*Signal
	views   []View // by signal, of the circle that is asked about
	// filtered are the signals that the filter of that circle has kept from it.
	filtered []int
	last     *edition // nil if there is none yet
	requests requests // nil if there is none yet

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

// edition returns what a circle receives, nil if that is nothing. The last one
// is compared first, because mostly all circles have the same.
func (b *batch) edition(a *Audience, w *Want) *edition {
	if !b.ask(a, w) {
		return nil
	}
	if b.last == nil {
		b.last = b.compose()
	} else if !slices.Equal(b.views, b.last.views) {
		b.last = b.other()
	}
	return b.last
}

// ask sets the views of a circle, and reports whether it sees anything.
func (b *batch) ask(a *Audience, w *Want) bool {
	if b.views == nil {
		b.views = make([]View, len(b.signals))
	}
	sees := false
	for i, s := range b.signals {
		b.views[i] = s.Body.View(a, w)
		if s.Account != nil {
			b.views[i] = b.request(i, a, b.views[i])
		}
		sees = sees || b.views[i] != nil
	}
	if w == nil {
		return sees
	}
	return b.sift()
}

// sift notes which signals a filter has kept from the circle, takes them out of
// the views, and reports whether any are left.
func (b *batch) sift() bool {
	sees := false
	b.filtered = b.filtered[:0]
	for i, v := range b.views {
		if v == Filtered {
			b.filtered = append(b.filtered, i)
			b.views[i] = nil
		}
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
