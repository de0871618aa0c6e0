package ack

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// MaxAggregate is how large the payloads and headers of all acknowledgements of a message may be, in bytes. One for which there
// is no room any more counts as failed, with the status 413.
const MaxAggregate = 2 << 20

// Collection gathers what a message waits for. It is part of who waits, and is made ready by Begin. It is not safe for concurrent
// use.
type Collection struct {
	plan Plan
	// labels are those that are waited for: those of the plan, or that of a response which nobody asked to be acknowledged.
	labels []string
	// acks are the acknowledgements, by the index of their label; nil if only the response matters.
	acks     []Ack
	answered uint64 // a bit for each label
	missing  int
	room     int // what of MaxAggregate is left
	mismatch string
	failure  *protocol.Error
}

// Begin makes the collection that for a plan made by [Normalize], and forgets what it was. One that owes nothing is complete.
func (c *Collection) Begin(p Plan) {
	*c = Collection{plan: p, room: MaxAggregate}
	switch p.Reply {
	case Response:
		c.labels = responseLabels(&p)
	case Aggregate:
		c.labels = p.Labels
		c.acks = make([]Ack, len(p.Labels))
	}
	c.missing = len(c.labels)
}

// responseLabels returns what the response to a message counts as.
func responseLabels(p *Plan) []string {
	switch {
	case len(p.Labels) > 0:
		return p.Labels
	case p.Response == protocol.LabelLiveResponse:
		return liveDefault
	}
	return twinDefault
}

// Put takes an acknowledgement, which must not be modified from then on, and reports whether it counts. It does not if it is
// for a label that is not waited for (any more). Protocol rule: neither does a weak one for what is to be stored or
// responded; that the search has nothing to store may well be said weakly.
func (c *Collection) Put(a Ack) bool {
	i := c.awaited(a.Label)
	if i < 0 || a.Weak && isOutcome(a.Label) {
		return false
	}
	c.answered |= 1 << i
	c.missing--
	if c.acks != nil {
		c.acks[i] = c.fit(a)
	}
	return true
}

// Awaits reports whether an acknowledgement with the label is still waited for.
func (c *Collection) Awaits(label string) bool { return c.awaited(label) >= 0 }

// awaited returns the index of a label that is waited for, and less than 0 for any other.
func (c *Collection) awaited(label string) int {
	i := slices.Index(c.labels, label)
	if i < 0 || c.Complete() || c.answered&(1<<i) != 0 {
		return -1
	}
	return i
}

// Keeps returns what an acknowledgement would take until the collection is complete, in bytes: nothing if it does not count, is
// the last, or does not fit.
func (c *Collection) Keeps(a *Ack) int {
	if c.acks == nil || c.missing <= 1 || c.awaited(a.Label) < 0 {
		return 0
	}
	if size := a.size(); size <= c.room {
		return size
	}
	return 0
}

// fit returns an acknowledgement as there is room for it.
func (c *Collection) fit(a Ack) Ack {
	size := a.size()
	if size > c.room {
		return Nack(a.Label, protocol.ErrAckTooLarge(a.Label))
	}
	c.room -= size
	return a
}

// Mismatch takes note of a response that does not fit the command and therefore does not count. Protocol rule: if none comes
// that does, the requester is told the reason. Of several the last counts.
func (c *Collection) Mismatch(reason string) { c.mismatch = reason }

// Fail ends the wait: the message could not be processed. It reports whether that counts, which it does not if the collection
// is complete. Protocol rule: the requester is told of the failure and of nothing else, unless it is told nothing at all.
func (c *Collection) Fail(err *protocol.Error) bool {
	if c.Complete() {
		return false
	}
	c.failure = err
	return true
}

// Complete reports whether there is nothing left to wait for.
func (c *Collection) Complete() bool { return c.missing == 0 || c.failure != nil }
