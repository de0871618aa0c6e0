package pubsub

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/wire"
)

// edition is how a batch looks to all who have the same views of its signals.
type edition struct {
	signals []*Signal // those of the batch
	views   []View    // by signal; nil: invisible
	burst   wire.Burst
	told    []int // the signal of each frame in the burst
}

// usualSignal is what the envelope of a signal takes, as a rule, in bytes.
const usualSignal = 512

// compose makes the edition with the batch's views, and takes them over.
func (b *batch) compose() *edition {
	seen := 0
	for _, v := range b.views {
		if v != nil {
			seen++
		}
	}
	e := &edition{signals: b.signals, views: b.views, burst: wire.NewBurst(seen, usualSignal), told: make([]int, 0, seen)}
	b.views = nil
	for i, v := range e.views {
		if v != nil && b.addFrame(&e.burst, look{signal: i, view: v}) {
			e.told = append(e.told, i)
		}
	}
	return e
}

// addFrame appends what is told of a signal, and reports whether it is
// anything. What another edition holds is not encoded again.
func (b *batch) addFrame(to *wire.Burst, l look) bool {
	frame, known := b.frames[l]
	if !known {
		body := b.signals[l.signal].Body
		return to.Add(func(dst []byte) ([]byte, bool) { return body.AppendSignal(dst, l.view, nil) })
	}
	if frame == nil {
		return false
	}
	to.AddFrame(frame)
	return true
}

// deliver hands the edition to subscribers, to each less what it caused
// itself.
func (e *edition) deliver(members set) {
	if len(e.told) == 0 {
		return
	}
	for s := range members {
		if !e.anyFrom(s) {
			s.Deliver(e.burst)
			continue
		}
		own := func(frame int) bool { return e.signals[e.told[frame]].Origin == s }
		if rest := e.burst.Without(own); rest.Len() > 0 {
			s.Deliver(rest)
		}
	}
}

// anyFrom reports whether the subscriber is the origin of anything.
func (e *edition) anyFrom(s Subscriber) bool {
	return slices.ContainsFunc(e.signals, func(signal *Signal) bool { return signal.Origin == s })
}
