package ack

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Outcome is what a requester is sent.
type Outcome uint8

// The outcomes.
const (
	// Nothing: the requester is sent nothing.
	Nothing Outcome = iota
	// Original: the response as it came.
	Original
	// Failed: an error.
	Failed
	// Aggregated: the acknowledgements; see [Acks].
	Aggregated
)

// Result is what becomes of a message.
type Result struct {
	Outcome Outcome
	// Error is set if the message failed.
	Error *protocol.Error
	// Acks are set if they are what the requester is sent: one for each label, in the order of the plan.
	Acks []Ack
}

// Result returns what the requester is sent when the collection is complete, or when its wait is over.
//
// Protocol rules:
//   - A response that did not come in time is the error command.timeout.
//   - An acknowledgement that did not come in time is one among the others, which says so.
func (c *Collection) Result() Result {
	switch {
	case c.failure != nil:
		return Result{Outcome: Failed, Error: c.failure}
	case c.plan.Reply == Aggregate:
		return Result{Outcome: Aggregated, Acks: c.all()}
	case c.plan.Reply == Silent:
		return Result{Outcome: Nothing}
	case !c.Complete():
		return Result{Outcome: Failed, Error: c.timeout()}
	}
	return Result{Outcome: Original}
}

// all returns the acknowledgements, with what stands for those that are missing.
func (c *Collection) all() []Ack {
	acks := slices.Clone(c.acks)
	for i, label := range c.labels {
		if c.answered&(1<<i) == 0 {
			acks[i] = unanswered(label, &c.plan)
		}
	}
	return acks
}

func (c *Collection) timeout() *protocol.Error {
	if c.mismatch != "" {
		return protocol.ErrCommandMismatch(c.plan.Wait, c.mismatch)
	}
	return protocol.ErrCommandTimeout(c.plan.Wait)
}
