package connectivity

import (
	"crypto/rand"
	"errors"
	"slices"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// run maps and publishes until the outlet is closed.
func (o *outlet) run() {
	for {
		ready, fresh, ok := o.work()
		if !ok {
			o.abandon()
			return
		}
		slices.SortFunc(ready, inOrder)
		for _, p := range ready {
			o.publish(p)
		}
		for i := range fresh {
			o.send(&fresh[i])
		}
		o.give(fresh)
	}
}

// work returns what can be done now. It waits for something; ok is false when the outlet is closed.
func (o *outlet) work() (ready []*parcel, fresh []arrival, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.closed && !o.workable() {
		o.changed.Wait()
	}
	if o.closed {
		return nil, nil, false
	}
	ready, o.ready = o.ready, nil
	return ready, o.queue.take(), true
}

// workable reports whether there is something that can be done. What is to be delivered surely waits for a client. The lock is held.
func (o *outlet) workable() bool {
	return !o.held && (o.client != nil || !o.sure()) && len(o.ready)+len(o.queue.fresh) > 0
}

func (o *outlet) give(fresh []arrival) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue.give(fresh)
}

// send maps a signal and publishes it, unless there is another before it.
func (o *outlet) send(a *arrival) {
	p := o.parcel(a)
	if p == nil {
		return
	}
	o.flow.Count(metrics.Mapped, 1)
	if o.sure() && !o.enter(p) {
		return
	}
	o.publish(p)
}

func (o *outlet) enter(p *parcel) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lanes.enter(p)
}

// parcel maps a signal. One that is not to be published has its outcome, and nil is returned.
func (o *outlet) parcel(a *arrival) *parcel {
	s, err := mapping.ReadSignal(a.text)
	switch {
	case err != nil:
		o.fail(a, nil, err)
		return nil
	case s.Topic.Criterion == protocol.Errors: // Protocol rule: what takes the place of a signal that could not be made is not sent.
		o.fail(a, s, errors.New("the signal could not be enriched"))
		return nil
	}
	id := s.CorrelationID
	if id == "" {
		id = rand.Text()
	}
	m, cause := o.message(s, id, a.at)
	switch {
	case cause != nil:
		o.unmapped(a, s, cause)
		return nil
	case m == nil:
		o.sift(a, s)
		return nil
	}
	o.numbered++
	p := &parcel{arrival: *a, number: o.numbered, signal: s, message: m}
	p.done = func(out link.Outcome) { o.outcome(p, &out) }
	return p
}

// publish gives a parcel to the client. The outcome comes later.
func (o *outlet) publish(p *parcel) {
	client := o.current()
	if client == nil {
		o.unsent(p, nil)
		return
	}
	o.note(p.signal, &p.arrival, Event{Kind: EventDispatched, Address: p.message.Address})
	if err := client.Publish(o.ctx, p.message, o.delivery, p.done); err != nil {
		o.unsent(p, client)
	}
}

func (o *outlet) current() link.Client {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.client
}

// unsent says what becomes of a parcel that a client has not taken, which is of no use any more; nil if there is none.
func (o *outlet) unsent(p *parcel, by link.Client) {
	if !o.sure() {
		o.drop(p.signal, &p.arrival, errNotOpen)
		o.leave(p)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client == by {
		o.client = nil
	}
	o.ready = append(o.ready, p)
}

// outcome takes what became of a parcel. It is called by clients, and does not block.
func (o *outlet) outcome(p *parcel, out *link.Outcome) {
	switch {
	case out.Delivered():
		o.delivered(p, out)
	case out.Again && o.sure() && o.again(p, out):
		return
	default:
		o.failed(p, out)
	}
	o.leave(p)
}
