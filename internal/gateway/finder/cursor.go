package finder

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/stream"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// cursor is a search and the view that it searches. It implements search.Cursor.
type cursor struct {
	service *Service
	who     exchange.Requester
	size    int // of a page
	things  thing.RetrieveThings
	// rights are what the requester may do under policies, in namespaces: those that one step of the search has asked for.
	rights map[governed]*enforcer.Rights

	// mu is held while the search works, so that it is not closed meanwhile.
	mu     sync.Mutex
	view   *view // nil when it was closed
	work   work
	search *Search
	// ahead is what was found and not told yet, "" for nothing.
	ahead string
	// last is what was found last of what was told, and told is how much that has been.
	last   string
	told   int
	expiry *time.Timer
}

// governed is all that it depends on what a requester may do with a thing.
type governed struct{ policyID, namespace string }

// Close implements search.Cursor.
func (c *cursor) Close() {
	c.expiry.Stop()
	c.end()
}

// end closes the search unless it was.
func (c *cursor) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.view == nil {
		return
	}
	c.search.Close()
	c.search.kept.only(0)
	if l := c.search.source.(*source).lesson; l != nil {
		c.service.lessons.leave(l)
	}
	c.service.views.give(c.view)
	c.view = nil
	c.work.end()
}

// Next implements search.Cursor.
func (c *cursor) Next(ctx context.Context, n int) (items [][]byte, step stream.Step, err *protocol.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.view == nil {
		return nil, stream.End, protocol.ErrSearchTooOld(MaxAge)
	}
	if n == 0 && c.ahead != "" {
		return nil, stream.More, nil
	}
	c.things.IDs = c.things.IDs[:0]
	if step, err = c.steps(ctx, n); err != nil || step == stream.End {
		c.work.turned()
	}
	if err != nil || len(c.things.IDs) == 0 {
		return nil, step, err
	}
	parts, err := c.service.options.Reader.Read(ctx, c.who, &c.things, c.service.options.Within())
	return slices.DeleteFunc(parts, func(part []byte) bool { return part == nil }), step, err
}

// stepsPerCall is how many steps a search goes on at a time before others of the same client, which take turns, go on with theirs.
// Most searches need no more: so they end one after the other.
const stepsPerCall = 8

// steps is find, step by step.
func (c *cursor) steps(ctx context.Context, n int) (step stream.Step, err *protocol.Error) {
	step = stream.Again
	for left := stepsPerCall; left > 0 && step == stream.Again && err == nil; left-- {
		late := c.work.step(ctx, func() { step, err = c.find(ctx, n) })
		c.rights = nil
		if err == nil {
			err = late
		}
		if ctx.Err() != nil || c.search.source.(*source).lesson.isUnderWay() {
			break
		}
	}
	return step, err
}

// find finds the next things, at most so many, or, if that is none, whether there is another. It pauses when it has worked for
// long enough.
func (c *cursor) find(ctx context.Context, n int) (step stream.Step, err *protocol.Error) {
	if n == 0 {
		c.ahead, step, err = c.take(ctx)
		return step, err
	}
	for step = stream.More; step == stream.More && len(c.things.IDs) < n; {
		var id string
		if id, step, err = c.take(ctx); err != nil {
			return step, err
		}
		if id != "" {
			c.things.IDs = append(c.things.IDs, id)
			c.last = id
			c.told++
		}
	}
	return step, nil
}

// take returns what was found next, "" for nothing if the step is not stream.More.
func (c *cursor) take(ctx context.Context) (id string, step stream.Step, err *protocol.Error) {
	if id, c.ahead = c.ahead, ""; id != "" {
		return id, stream.More, nil
	}
	if ctx.Err() != nil {
		return "", stream.End, c.service.overdue()
	}
	id, more, failed := c.search.Next()
	switch {
	case failed != nil:
		return "", stream.End, errorOf(failed)
	case !more:
		return "", stream.End, nil
	case id == "":
		return "", stream.Again, nil
	}
	if c.work.found++; c.work.found%c.size == 0 {
		c.work.whole = true
	}
	return id, stream.More, nil
}

// errorOf is what a client is told of an error. The store's own words are for operators.
func errorOf(err error) *protocol.Error {
	switch {
	case errors.Is(err, ErrTooMany):
		return protocol.ErrSearchTooMuch()
	case errors.Is(err, errNoRoom):
		return protocol.ErrTooManyRequests(time.Second)
	case errors.Is(err, rql.ErrTooMuchWork):
		return protocol.ErrSearchThingTooLarge()
	}
	return protocol.ErrInternal()
}
