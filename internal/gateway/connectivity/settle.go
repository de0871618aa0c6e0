package connectivity

import (
	"slices"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// verdict is what the other end is told of a message, because of what became of its commands.
type verdict struct {
	settlement link.Settlement
	failed     bool
	// away says that the gateway, or who was to be told of the message, has no room or cannot be reached: the message itself is as good as
	// any.
	away bool
}

// Statuses that decide how a message is settled.
const (
	statusTimeout          = 408
	statusBadRequest       = 400
	statusConflict         = 409
	statusPrecondition     = 412
	statusFailedDependency = 424
	statusTooMany          = 429
	firstOfServer          = 500
)

// exists reports whether a thing that was to be created is there already. Protocol rule: one whose policy would have to be made, too, is
// refused because of that.
func (a *answer) exists() bool {
	return a.status == statusConflict || a.status == statusPrecondition ||
		a.status == statusBadRequest && a.code == protocol.CodeThingNotCreatable
}

// verdict returns what an answer comes to. Protocol rules: a precondition that did not hold is a success, for the sender has said that
// nothing is to happen then; of acknowledgements each counts.
func (a *answer) verdict(implicit bool) verdict {
	if implicit && a.exists() {
		return verdict{}
	}
	if a.status == statusFailedDependency && len(a.acks) > 1 {
		var all verdict
		for i := range a.acks {
			all = all.and(verdictOf(a.acks[i].Status))
		}
		all.away = a.unheard()
		return all
	}
	v := verdictOf(a.status)
	v.away = a.kind == snapshot.ReplyError && (a.status == statusTooMany || a.status == statusUnavailable) || a.unheard()
	return v
}

// unheard reports whether somebody whose acknowledgement was asked for could not be told. A device that answers has been.
func (a *answer) unheard() bool {
	return slices.ContainsFunc(a.acks, func(one ack.Ack) bool {
		return one.Status == statusUnavailable && one.Label != protocol.LabelLiveResponse
	})
}

// verdictOf returns what a status comes to. Protocol rule: what may well succeed later is to come again, and anything else that has
// failed is not.
func verdictOf(status int) verdict {
	switch {
	case status < firstFailure, status == statusPrecondition:
		return verdict{}
	case status == statusTimeout, status == statusFailedDependency, status == statusTooMany, status >= firstOfServer:
		return verdict{settlement: link.Redeliver, failed: true}
	}
	return verdict{settlement: link.Reject, failed: true}
}

// and returns what two commands of a message come to: it comes again as a whole if one of them may succeed then.
func (v verdict) and(other verdict) verdict {
	v.failed = v.failed || other.failed
	v.away = v.away || other.away
	if v.settlement == link.Accept || other.settlement == link.Redeliver {
		v.settlement = other.settlement
	}
	return v
}

// after returns what commands come to that followed on the creation of a thing. If they have succeeded it does not matter whether that
// has.
func (v verdict) after(creation verdict) verdict {
	if !v.failed {
		return v
	}
	return v.and(creation)
}

// maxRedeliveries is how often a message may come again that fails each time. It is dropped then, so that it is not in the way of others
// for ever. As long as it fails for want of room in the gateway it is not the message's fault, and others fare no better.
const maxRedeliveries = 5

// fates are what settlements count as.
var fates = map[link.Settlement]metrics.MessageFate{
	link.Accept: metrics.Accepted, link.Redeliver: metrics.Redelivered, link.Reject: metrics.Rejected,
}

// settled settles the message. One that cannot come again is rejected instead.
func (r *receipt) settled(v verdict) {
	if v.settlement == link.Redeliver {
		switch {
		case r.settle == nil:
			v.settlement = link.Reject
		case r.redelivered >= maxRedeliveries && !v.away:
			v.settlement = link.Reject
			r.flow.Count(metrics.Dropped, 1)
			r.note(Event{Kind: EventDropped, Failure: true, Message: "it has failed " + strconv.Itoa(r.redelivered+1) + " times"})
		}
	}
	if v.failed {
		r.flow.Count(metrics.Failed, 1)
	}
	r.flow.Count(fates[v.settlement], 1)
	r.flow.Waiting(-1)
	r.flow.Took(r.inlet.peer.clock().Sub(r.at))
	if r.settle != nil {
		r.settle(v.settlement)
		r.note(Event{Kind: EventSettled, Failure: v.failed, Message: v.settlement.String()})
	}
}

// failedWith notes that a command has failed.
func (r *receipt) failedWith(a *answer) {
	why := strconv.Itoa(a.status)
	if a.code != "" {
		why += " " + a.code
	}
	r.note(Event{Kind: EventMapped, Failure: true, Message: "the command has failed: " + why})
}
