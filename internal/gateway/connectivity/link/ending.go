package link

import "sync"

// Ending is the end of a client: the part of a Client that says whether it is of use. It ends once, by any goroutine.
type Ending struct {
	once  sync.Once
	lost  chan struct{}
	cause error // set before lost is closed
}

// NewEnding returns that of a client that is of use.
func NewEnding() *Ending { return &Ending{lost: make(chan struct{})} }

// Lose says that the client is of no use any more, and why: nil if it was closed. Before everybody sees that, first is called. Whoever
// is not the first to say so returns when that is done, without consequence.
func (e *Ending) Lose(cause error, first func()) {
	e.once.Do(func() {
		e.cause = cause
		first()
		close(e.lost)
	})
}

// Lost is closed when the client is of no use any more.
func (e *Ending) Lost() <-chan struct{} { return e.lost }

// Err returns why the client is of no use, nil as long as it is of use and if it was closed.
func (e *Ending) Err() error {
	select {
	case <-e.lost:
		return e.cause
	default:
		return nil
	}
}
