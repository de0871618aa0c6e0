package ack

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Reply is what a message is answered with.
type Reply uint8

// The kinds of replies.
const (
	// Silent: nothing, also if the message comes to nothing.
	Silent Reply = iota
	// Response: the response of who executes the command.
	Response
	// Aggregate: all acknowledgements, in one envelope.
	Aggregate
)

// Plan is what follows from what a message wants.
type Plan struct {
	// Labels are those of the acknowledgements that are waited for, each once, in the order of the request. Those of an event
	// are only asked for: nobody waits. The slice must not be modified.
	Labels []string
	// ResponseRequired says that the message is answered.
	ResponseRequired bool
	Reply            Reply
	// Response is the label under which the response to the message is put into a [Collection], "" if it can have none.
	Response string
	// Wait is how long acknowledgements and the response matter, 0 if they do not.
	Wait time.Duration
}

// MaxWait is what Normalize waits at most if it is not told.
const MaxWait = 65 * time.Second

// smartWait is how long a device has to answer what the twin may answer instead.
const smartWait = 60 * time.Second

// Normalize returns the plan for a message. Longest bounds the wait for all but smart retrieves; it is [MaxWait] if not positive.
//
// Protocol rules:
//   - What acknowledgements are waited for follows from what the message says and what kind it is; see [Kind].
//   - A response is required unless the message says otherwise or has a timeout of zero.
//   - Nobody can wait for a response or acknowledgements for no time, or for acknowledgements without a response.
//   - If the only label is that of the response, the response is the answer.
//   - A message that asks for no acknowledgements at all, explicitly, has its response, too.
//
// Errors: header.invalid, and command.headers.invalid for a query without response.
func Normalize(k Kind, w Wants, longest time.Duration) (Plan, *protocol.Error) {
	labels := effective(k, &w)
	required := requires(k, &w)
	if err := check(k, &w, required, labels); err != nil {
		return Plan{}, err
	}
	if !k.collects() && k != Event {
		labels = nil
	}
	p := Plan{Labels: labels, ResponseRequired: required, Response: k.response(), Wait: wait(k, &w, longest)}
	switch {
	case !required:
		p.Reply = Silent
	case len(labels) == 0 || isResponse(labels):
		p.Reply = Response
	default:
		p.Reply = Aggregate
	}
	return p, nil
}

// isResponse reports whether there is only the label of a response.
func isResponse(labels []string) bool {
	return len(labels) == 1 && isOutcome(labels[0])
}

// isOutcome reports whether a label says that a command was executed.
func isOutcome(label string) bool {
	return label == protocol.LabelTwinPersisted || label == protocol.LabelLiveResponse
}

// requires reports whether a message requires a response. Protocol rules: an event never does, and what only the server
// answers is a question even if there is no time for the answer.
func requires(k Kind, w *Wants) bool {
	switch {
	case k == Event:
		return false
	case w.ResponseRequired != nil || k == TwinQuery || k == PolicyQuery:
		return w.required()
	}
	return !w.instant()
}

func check(k Kind, w *Wants, required bool, labels []string) *protocol.Error {
	switch {
	case k.query() && !required:
		return protocol.ErrResponseRequired()
	case len(labels) > MaxLabels:
		return protocol.ErrTooManyAcks(MaxLabels)
	case w.instant() && (required || len(labels) > 0):
		return protocol.ErrHeaderConflict(protocol.HeaderTimeout,
			"The timeout must not be zero when a response or acknowledgements are required.")
	case k.collects() && !required && len(labels) > 0:
		return protocol.ErrHeaderConflict(protocol.HeaderRequestedAcks,
			"Acknowledgements cannot be requested without requiring a response.")
	}
	return nil
}

func wait(k Kind, w *Wants, longest time.Duration) time.Duration {
	if longest <= 0 {
		longest = MaxWait
	}
	switch {
	case k == SmartRetrieve && w.Timeout == nil:
		return smartWait
	case k == SmartRetrieve:
		return *w.Timeout
	case w.Timeout == nil:
		return longest
	}
	return min(*w.Timeout, longest)
}
