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
	asks    bool  // some views are requests
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
		if v == nil || !b.addFrame(&e.burst, look{signal: i, view: v}) {
			continue
		}
		e.told = append(e.told, i)
		if _, ok := v.(*request); ok {
			e.asks = true
		}
	}
	return e
}

// addFrame appends what is told of a signal, and reports whether it is
// anything. What another edition holds is not encoded again.
func (b *batch) addFrame(to *wire.Burst, l look) bool {
	frame, known := b.frames[l]
	if !known {
		return addSignal(to, b.signals[l.signal].Body, l.view)
	}
	if frame == nil {
		return false
	}
	to.AddFrame(frame)
	return true
}

// addSignal appends what a view shows of a signal, and reports whether that is
// anything.
func addSignal(to *wire.Burst, body Body, v View) bool {
	if r, ok := v.(*request); ok {
		return addRequest(to, body, r.view, &r.delivery)
	}
	return to.Add(func(dst []byte) ([]byte, bool) { return body.AppendSignal(dst, v, nil) })
}

// addRequest is addSignal for a signal that answers are asked for.
func addRequest(to *wire.Burst, body Body, v View, d *Delivery) bool {
	return to.Add(func(dst []byte) ([]byte, bool) { return body.AppendSignal(dst, v, d) })
}

// deliver hands the edition to subscribers, to each less what it caused
// itself, and with what it is asked in other words than the rest.
func (e *edition) deliver(members set) {
	if len(e.told) == 0 {
		return
	}
	for s := range members {
		burst := e.burst
		if own := e.give(s); own != nil {
			burst = e.reworded(s, own)
		} else if e.anyFrom(s) {
			burst = e.burst.Without(func(frame int) bool { return caused(e.signals[e.told[frame]].Origin, s) })
		}
		if burst.Len() > 0 {
			s.Deliver(burst)
		}
	}
}

// anyFrom reports whether the subscriber is the origin of anything.
func (e *edition) anyFrom(s Subscriber) bool {
	return slices.ContainsFunc(e.signals, func(signal *Signal) bool { return caused(signal.Origin, s) })
}
