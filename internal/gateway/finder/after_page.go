package finder

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Page is one page of what is found, and where the next one begins.
type Page struct {
	// Items are things as JSON objects, as the requester may see them now, in order.
	Items [][]byte
	// More says that there are more behind them.
	More bool
	// Last is the position of the last one that was found, if there are more. Perhaps it is not among Items, because it has gone
	// meanwhile.
	Last query.Position
	// Passed is how many have been found so far, those included that the query's offset has passed over.
	Passed int
}

// Page finds the page of a query behind its position, or at its offset. Nothing is held for the next one.
//
// It has as many things as the query says, or fewer if they are large, and takes no longer than ctx and Options.Within allow.
//
// Errors: as for Find.
func (s *Service) Page(ctx context.Context, who exchange.Requester, q *query.Query) (p Page, err *protocol.Error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Within())
	defer cancel()
	defer func() { s.options.Metrics.SearchEnded(endOf(ctx, err)) }()
	c, err := s.find(ctx, who, q)
	if err != nil {
		return Page{}, err
	}
	defer c.Close()
	if err := c.fill(ctx, q, &p); err != nil {
		return Page{}, err
	}
	return p, nil
}

// PositionOf returns the position that a thing has now in the order of a query, and reports whether there is such a thing that the
// requester may see.
func (s *Service) PositionOf(who exchange.Requester, q *query.Query, id string) (at query.Position, ok bool) {
	record, err := s.options.Store.Load(store.Key{Kind: store.Thing, ID: id})
	if err != nil || record.Deleted {
		return query.Position{}, false
	}
	if _, _, ok := (&cursor{service: s, who: who}).look(id, &record); !ok {
		return query.Position{}, false
	}
	return newOrder(q.Sort, s.options.Indexed).positionOf(id, &record), true
}

// fill finds a page.
func (c *cursor) fill(ctx context.Context, q *query.Query, p *Page) *protocol.Error {
	more, err := c.pass(ctx, q.Offset)
	for size := 0; err == nil && more && len(p.Items) < q.Size && size < search.MaxBytes; {
		var items [][]byte
		var step stream.Step
		items, step, err = c.Next(ctx, min(q.Size-len(p.Items), search.MaxPortion))
		p.Items, more = append(p.Items, items...), step != stream.End
		for _, item := range items {
			size += len(item)
		}
	}
	if err != nil || !more {
		return err
	}
	p.Passed = q.Offset + c.told
	return c.seeBehind(ctx, p)
}

// seeBehind finds out whether there is anything behind a page that is complete. If that cannot be found out in time, there may be.
func (c *cursor) seeBehind(ctx context.Context, p *Page) *protocol.Error {
	step, err := stream.Again, (*protocol.Error)(nil)
	for step == stream.Again && err == nil {
		_, step, err = c.Next(ctx, 0)
	}
	if err != nil && ctx.Err() == nil {
		return err
	}
	if step == stream.End && err == nil || c.last == "" {
		return nil
	}
	p.More = true
	p.Last, err = c.position()
	return err
}

// position returns that of the last thing that was taken.
func (c *cursor) position() (query.Position, *protocol.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.view == nil {
		return query.Position{}, protocol.ErrSearchTooOld(MaxAge)
	}
	record, err := c.search.source.Load(c.last)
	if err != nil {
		return query.Position{}, protocol.ErrInternal()
	}
	return c.search.order.positionOf(c.last, &record), nil
}

// pass passes over the first things that are found, and reports whether there are more.
func (c *cursor) pass(ctx context.Context, n int) (more bool, err *protocol.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for more = true; err == nil && more && n > 0; {
		var failed error
		err = c.work.step(ctx, func() { n, more, failed = c.search.pass(n) })
		if failed != nil {
			err = errorOf(failed)
		}
	}
	return more, err
}

// pass passes over things until the search pauses, and returns how many are left to be passed over.
func (s *Search) pass(n int) (left int, more bool, err error) {
	for n > 0 {
		id, more, err := s.Next()
		switch {
		case err != nil || !more:
			return n, false, err
		case id == "":
			return n, true, nil
		}
		n--
	}
	return 0, true, nil
}
