package broker

import (
	"sync"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/deadline"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Wait is a signal that somebody waits for. It implements pubsub.Account.
type Wait struct {
	terms  Terms
	party  *Party
	id     string // with which the signal is delivered
	custom labels // those that subscribers can acknowledge with
	timer  deadline.Timer

	mu         sync.Mutex
	done       bool // nothing changes any more; who set it sees to the rest
	collection ack.Collection
	original   any
	kept       int64  // what is kept of acknowledgements, in bytes
	given      labels // those that somebody was asked for
	dues       *due   // what others were given, linked; grows only until done

	prev, next *Wait // of the same party, guarded by its lock
}

// CorrelationID returns the one with which the signal is delivered. That of a live signal is different from the requester's if
// another is waiting under that.
func (w *Wait) CorrelationID() string { return w.id }

// Request returns that of the terms.
func (w *Wait) Request() any { return w.terms.Request }

// Put gives an acknowledgement that is not that of a client.
func (w *Wait) Put(a ack.Ack) { w.put(a, nil) }

// Respond gives the response, of which original is kept for Done.
func (w *Wait) Respond(a ack.Ack, original any) { w.lose(w.put(a, original)) }

// put gives an acknowledgement, and returns whether and why it is lost.
func (w *Wait) put(a ack.Ack, original any) Lost {
	lost, complete := w.gather(a, original)
	if complete {
		w.settle(Answered)
	}
	return lost
}

func (w *Wait) gather(a ack.Ack, original any) (lost Lost, complete bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return Unknown, false
	}
	if !w.collection.Put(w.afford(a)) {
		return Repeated, false
	}
	if original != nil {
		w.original = original
	}
	w.done = w.collection.Complete()
	return counted, w.done
}

// afford returns an acknowledgement as there is room for it among all that the party waits with, and all parties do.
func (w *Wait) afford(a ack.Ack) ack.Ack {
	size := int64(w.collection.Keeps(&a))
	if size == 0 {
		return a
	}
	if !w.party.keep(size) {
		return ack.Nack(a.Label, protocol.ErrAckTooLarge(a.Label))
	}
	w.kept += size
	return a
}

// Mismatch takes note of a response that does not fit, with a sentence that says why.
func (w *Wait) Mismatch(reason string) { w.lose(w.note(reason)) }

func (w *Wait) note(reason string) Lost {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return Unknown
	}
	w.collection.Mismatch(reason)
	return Mismatched
}

// lose has an answer counted if it is lost.
func (w *Wait) lose(lost Lost) {
	if lost != counted {
		w.party.broker.options.Hooks.AnswerLost(lost)
	}
}

// Fail ends the wait because the signal could not be processed.
func (w *Wait) Fail(err *protocol.Error) {
	if w.finish(func() { w.collection.Fail(err) }) {
		w.settle(Failed)
	}
}

// expire ends the wait because its time is over.
func (w *Wait) expire() {
	a, original, ok := w.instead()
	last := func() {
		if ok && w.collection.Put(a) {
			w.original = original
		}
	}
	if w.finish(last) {
		w.settle(TimedOut)
	}
}

// instead returns what there is in place of a response that is missing.
func (w *Wait) instead() (a ack.Ack, original any, ok bool) {
	if w.terms.Instead == nil || !w.awaits(w.terms.Plan.Response) {
		return ack.Ack{}, nil, false
	}
	return w.terms.Instead()
}

func (w *Wait) awaits(label string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.done && w.collection.Awaits(label)
}

// finish makes a last change and marks the wait as done, unless it is, and reports whether it did.
func (w *Wait) finish(last func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return false
	}
	last()
	w.done = true
	return true
}

// abandon ends the wait because who waits is gone.
func (w *Wait) abandon() {
	if w.finish(func() {}) {
		w.leave()
		w.party.broker.options.Hooks.WaitEnded(Abandoned)
	}
}

// settle tells the owner of a wait that was marked as done just now. The books are left before: whoever is answered can use
// the correlation id again.
func (w *Wait) settle(end End) {
	w.leave()
	w.party.broker.options.Hooks.WaitEnded(end)
	if w.terms.Done == nil {
		return
	}
	r := w.collection.Result()
	if r.Outcome != ack.Original {
		w.original = nil
	}
	w.terms.Done(r, w.original)
}
