package search

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Finder finds things.
type Finder interface {
	// Find begins a search on behalf of a requester, and does little of the work. The cursor is to be closed.
	//
	// The namespaces of the query are ones that the requester may address. If there are none, it is for the Finder to leave out
	// things in others.
	Find(ctx context.Context, who exchange.Requester, q *query.Query) (Cursor, *protocol.Error)
}

// Cursor goes through what was found, in order. It is not used by two goroutines at once.
type Cursor interface {
	// Next returns the next things as JSON objects, as the requester may see them now, at most so many. With n = 0 it goes no
	// further, and finds out whether there is another.
	//
	// The step is stream.End if there are no more behind them; stream.More if there are, or seem to be; and stream.Again if it
	// has worked for long enough without knowing, and is to be called again when others have had their turn. Whatever the
	// step, there may be fewer things than n, or none: what has gone meanwhile is left out.
	//
	// It ends with an error soon after ctx. Neither after an error nor after End is it called again.
	Next(ctx context.Context, n int) (items [][]byte, step stream.Step, err *protocol.Error)
	// Close frees what the search holds.
	Close()
}
