package bench

import (
	"context"
	"time"
)

// Lane is a connection on which operations are under way. Send is called by one goroutine and Receive by one other, or both by one.
type Lane interface {
	// Send begins an operation and does not wait for its outcome.
	Send(op Op) error
	// Receive returns the outcome of one of the operations that were sent. It blocks until there is one. The error says that the lane
	// is of no use any more.
	Receive() (Outcome, error)
	// Close ends the lane; Receive then returns.
	Close() error
}

// Op is an operation.
type Op struct {
	// Number tells the operations of a lane apart; they are numbered from 0.
	Number int
	// Due is when it should have been sent, from which its time counts.
	Due time.Time
	// Counts says that it is no warm-up.
	Counts bool
	// Later says that Send may keep it back until Receive has to wait: the same goroutine calls both, and may have more to send before.
	Later bool
}

// Outcome is what became of an operation.
type Outcome struct {
	// Op is the number of the operation.
	Op int
	// Failure says in a few words how it failed, "" if it did not. There are few different ones.
	Failure string
}

// Opener opens a lane, of which there are several; number says which it is. The context is that of the whole run.
type Opener func(ctx context.Context, number int) (Lane, error)
