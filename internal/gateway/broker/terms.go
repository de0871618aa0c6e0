package broker

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Terms say what a wait is about.
type Terms struct {
	// Plan is what is waited for, and for how long.
	Plan ack.Plan
	// Received is when the wait began.
	Received time.Time
	// ThingID and Channel are those of the signal, and of the acknowledgements to it.
	ThingID string
	Channel protocol.Channel
	// CorrelationID is the one that the requester gave.
	CorrelationID string
	// Live says that the signal is answered by a response, which anybody may send who knows its correlation id.
	Live bool
	// Size is how much the owner keeps until Done, in bytes: of the request, for example.
	Size int
	// Request is whatever the owner needs to know when a response comes.
	Request any
	// Instead gives the response when none has come in time; ok is false if there is none either. Nil: there is none.
	// It must not block, nor publish anything.
	Instead func() (a ack.Ack, original any, ok bool)
	// Done is told once what has become of the wait, unless who waits is gone. Original is what the response was put with,
	// nil if the outcome is not the original response. It must not block, nor publish anything. It may be called before
	// Open has returned.
	Done func(r ack.Result, original any)
}
