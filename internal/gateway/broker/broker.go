package broker

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Options of a Broker.
type Options struct {
	// Declared reports whether somebody who is connected has declared the label of an acknowledgement.
	Declared func(label string) bool
	// MaxWaits bounds the waits of all parties, MaxWaitsEach those of one party, and MaxDuesEach what one party was given
	// and can answer to. 0: the defaults.
	MaxWaits, MaxWaitsEach, MaxDuesEach int
	// Clock tells the time. Nil: time.Now.
	Clock func() time.Time
	// Hooks are told what happens. Nil: nobody is.
	Hooks Hooks
}

// End is how a wait has ended.
type End string

// The ways in which waits end.
const (
	Answered  End = "answered"  // everything that was waited for has come
	TimedOut  End = "timed-out" // not everything has come in time
	Failed    End = "failed"    // the signal could not be processed
	Abandoned End = "abandoned" // who waited is gone
	Refused   End = "refused"   // there was no room for the wait
)

// Lost is why an answer has no effect.
type Lost string

// The reasons for which answers have no effect.
const (
	// Unknown: nothing is waited for under its correlation id, (not) any more.
	Unknown Lost = "unknown"
	// Mismatched: it does not fit what it answers.
	Mismatched Lost = "mismatched"
	// Repeated: it was answered before, or was not asked for.
	Repeated Lost = "repeated"
)

// Hooks are told what happens, to be counted. They must not block.
type Hooks interface {
	// WaitEnded is told that a wait has ended.
	WaitEnded(End)
	// AnswerLost is told of an answer without effect.
	AnswerLost(Lost)
	// WeaklyAcknowledged is told of an acknowledgement that was given for somebody who does not receive a signal.
	WeaklyAcknowledged()
}

// Broker keeps the books.
type Broker struct{ options Options }

// New returns a broker without parties. It has one goroutine, until Close.
func New(o Options) *Broker { return &Broker{options: o} }

// Close drops what is left and ends the goroutine. No owner is told any more.
func (b *Broker) Close() {}

// Waits returns how many waits there are, and Dues how many answers can be given by those who were asked.
func (b *Broker) Waits() int { return 0 }

// Dues is documented with Waits.
func (b *Broker) Dues() int { return 0 }

// NewParty returns a party that takes part from now on until its End.
func (b *Broker) NewParty() *Party { return &Party{} }

// Acknowledge takes the envelope of an acknowledgement that a member sends. One without effect is dropped silently.
// Errors: those of ack.Read.
func (b *Broker) Acknowledge(_ Member, _ *protocol.Envelope) *protocol.Error { return nil }

// Find returns the wait for a response with the correlation id that a party sends, nil if there is none.
func (b *Broker) Find(_ *Party, _ string) *Wait { return nil }
