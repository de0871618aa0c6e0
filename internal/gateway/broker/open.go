package broker

import (
	"unsafe"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Open opens a wait of a party. It reaches Done when the time of the plan is over, if not before.
//
// The error is too.many.requests: there is no room for the wait, or the party has ended.
func (b *Broker) Open(p *Party, t Terms) (*Wait, *protocol.Error) {
	w := &Wait{terms: t, party: p, id: t.CorrelationID, custom: customLabels(t.Plan.Labels)}
	w.collection.Begin(t.Plan)
	if !b.admit(w) {
		b.options.Hooks.WaitEnded(Refused)
		return nil, protocol.ErrTooManyWaits()
	}
	return w, nil
}

// admit enters a wait into all books, or none.
func (b *Broker) admit(w *Wait) bool {
	if !b.reserve(w) {
		return false
	}
	// Under the lock, the wait cannot end halfway in.
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.enter() {
		return true
	}
	w.done = true
	w.leave()
	return false
}

// reserve counts a wait, if there is room for one more.
func (b *Broker) reserve(w *Wait) bool {
	waits, bytes := b.waits.Add(1), b.bytes.Add(w.size())
	if waits <= int64(b.options.MaxWaits) && bytes <= int64(b.options.MaxBytes) {
		return true
	}
	b.release(w)
	return false
}

func (b *Broker) release(w *Wait) {
	b.waits.Add(-1)
	b.bytes.Add(-w.size())
}

// size returns what is kept for a wait besides itself, in bytes.
func (w *Wait) size() int64 {
	return int64(len(w.terms.CorrelationID)+max(w.terms.Size, 0)) + w.kept + w.places()
}

// places returns what the acknowledgements take that are waited for, even if they say nothing, in bytes.
func (w *Wait) places() int64 {
	if w.terms.Plan.Reply != ack.Aggregate {
		return 0
	}
	return int64(len(w.terms.Plan.Labels)) * int64(unsafe.Sizeof(ack.Ack{}))
}

// keep counts something more that is kept for a wait of the party, if there is room. What a party keeps that has ended is not
// counted, and about to be forgotten.
func (p *Party) keep(size int64) bool {
	o := &p.broker.options
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.bytes+size > int64(o.MaxBytesEach) || !p.purse.take(0, size, o) {
		return false
	}
	if p.broker.bytes.Add(size) > int64(o.MaxBytes) {
		p.broker.bytes.Add(-size)
		p.purse.give(0, size)
		return false
	}
	p.bytes += size
	return true
}

func (w *Wait) enter() bool {
	b := w.party.broker
	return w.party.enter(w) &&
		(!w.terms.Live || b.live.claim(w)) &&
		b.wheel.Add(&w.timer, w.terms.Received.Add(w.terms.Plan.Wait), w.expire)
}

// leave takes a wait that is done out of all books that it is in. It is called once.
func (w *Wait) leave() {
	b := w.party.broker
	w.timer.Stop()
	if w.terms.Live {
		b.live.strike(w)
	}
	w.party.leave(w)
	for d := w.dues; d != nil; d = d.next {
		d.party.forget(d)
	}
	w.dues = nil
	b.release(w)
}
