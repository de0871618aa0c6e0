package link

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// Outcome is what became of a message that was published.
type Outcome struct {
	// Status is one of HTTP, as an acknowledgement has it: 2xx if the message was delivered.
	Status int
	// Err says why it was not, without secrets and without what the message says; nil if it was.
	Err error
	// Again says that the same message may well be delivered later.
	Again bool
	// RetryAfter is how long the other end wants to be left alone before that; 0 if it does not say.
	RetryAfter time.Duration
	// Answer is what the other end has answered with; nil if it answers nothing.
	Answer *external.Message
}

// Delivered reports whether the message was.
func (o *Outcome) Delivered() bool { return o.Status >= 200 && o.Status < 300 }
