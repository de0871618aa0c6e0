package connectivity

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What requesters are told of what is dropped.
var (
	errNotOpen = protocol.ErrSendingFailed(statusUnavailable, "The connection is not open.")
	errClosed  = protocol.ErrSendingFailed(statusUnavailable, "The subscription has ended.")
)

// delivered takes note of a parcel that was delivered.
func (o *outlet) delivered(p *parcel, out *link.Outcome) {
	o.flow.Count(metrics.Delivered, 1)
	o.flow.Took(o.peer.clock().Sub(p.at))
	o.note(p.signal, &p.arrival, Event{Kind: EventDelivered, Address: p.message.Address})
	o.acknowledge(p.signal, out)
}

// failed takes note of a parcel that cannot be delivered.
func (o *outlet) failed(p *parcel, out *link.Outcome) {
	o.flow.Count(metrics.Failed, 1)
	o.note(p.signal, &p.arrival, Event{Kind: EventDelivered, Failure: true, Address: p.message.Address, Message: reason(out)})
	o.acknowledge(p.signal, out)
}

// reason says why something was not delivered.
func reason(out *link.Outcome) string {
	if out.Err == nil {
		return "the other end does not take it"
	}
	return out.Err.Error()
}

// fail is the outcome of a signal that cannot be mapped, and which may be unreadable.
func (o *outlet) fail(a *arrival, s *mapping.Signal, cause error) {
	o.flow.Count(metrics.Failed, 1)
	o.note(s, a, Event{Kind: EventMapped, Failure: true, Message: cause.Error()})
	if s != nil {
		o.refuseTo(s, protocol.ErrSignalUnmappable(cause.Error()))
	}
	o.settled(a)
}

// unmapped is the outcome of a signal for which there is no message. Protocol rule: one without an address is dropped.
func (o *outlet) unmapped(a *arrival, s *mapping.Signal, cause error) {
	if _, unresolved := errors.AsType[*mapping.Unresolved](cause); !unresolved {
		o.fail(a, s, cause)
		return
	}
	o.drop(s, a, protocol.ErrSignalUnmappable(cause.Error()))
	o.settled(a)
}

// sift is the outcome of a signal that has no form in the payload of the target. Protocol rule: who waits for it is acknowledged
// weakly.
func (o *outlet) sift(a *arrival, s *mapping.Signal) {
	o.flow.Count(metrics.Filtered, 1)
	o.acknowledgeWeakly(s)
	o.settled(a)
}

// drop takes note of a signal that is dropped, and refuses it to who waits for it.
func (o *outlet) drop(s *mapping.Signal, a *arrival, why *protocol.Error) {
	o.flow.Count(metrics.Dropped, 1)
	o.note(s, a, Event{Kind: EventDropped, Failure: true, Message: why.Description})
	if s != nil {
		o.refuseTo(s, why)
	}
}

// dropFresh drops a signal that was not read.
func (o *outlet) dropFresh(a *arrival) {
	o.flow.Count(metrics.Dropped, 1)
	o.note(nil, a, Event{Kind: EventDropped, Failure: true, Message: errClosed.Description})
	o.tell(a.text, errClosed)
	o.settled(a)
}

// note keeps what has happened to a signal, which may be unreadable, unless there is too much of that kind.
func (o *outlet) note(s *mapping.Signal, a *arrival, e Event) {
	if !o.notes.admits(e.Kind, e.Failure, o.peer.clock()) {
		return
	}
	if s != nil {
		e.EntityID, e.CorrelationID = s.Topic.EntityID(), s.CorrelationID
	}
	o.notes.note(e)
}
