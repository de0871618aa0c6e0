package stream

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Step is what came of asking a Source.
type Step int

// The steps.
const (
	// Item is an element. Only if there is demand.
	Item Step = iota
	// Again is that the source has worked and has nothing to show for it yet.
	// It is asked again when the others have had their turn.
	Again
	// More is that there is another element, for which there is no demand.
	More
	// End is that there are no more.
	End
)

// Source appends the next element, JSON, to dst. Demand says how many are
// wanted, of which it may make use to fetch several at once; without demand it
// finds out whether there are more. It does a bounded amount of work and waits
// no longer than ctx allows. It is not called by two goroutines at once, not
// before the first request, and not again after End or an error, or when what it
// holds was released.
type Source func(ctx context.Context, dst []byte, demand int64) ([]byte, Step, *protocol.Error)

// Kind is a kind of subscriptions: how what is special about them is called.
type Kind struct {
	// Member is what the value of next calls the element.
	Member string
	// NotFound is the error for an id that no subscription has.
	NotFound func(id string) *protocol.Error
	// Protocol is the error for a request that is not allowed.
	Protocol func(id, reason string) *protocol.Error
	// Timeout is the error of a subscription of which nothing was heard.
	Timeout func(id string, after time.Duration) *protocol.Error
}
