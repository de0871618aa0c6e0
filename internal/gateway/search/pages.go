package search

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/lazily"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Bounds of a page.
const (
	// MaxBytes is how large a page may be before it ends, whatever its size says. The portion that makes it so large belongs
	// to it.
	MaxBytes = 1 << 20
	// MaxPortion is how many things are fetched at once.
	MaxPortion = 32
	// maxBegun is how large the beginnings of pages may be together, of all clients. A page that would make them larger ends.
	maxBegun = 64 << 20
)

// pages is a search on its way to a client. Its method next is a stream.Source, and release releases what it holds.
type pages struct {
	service *Service
	from    exchange.Requester
	query   *query.Query
	// invalid says that there is no query.
	invalid *protocol.Error

	cursor Cursor // nil before the first request and when it was closed
	over   bool   // the cursor has no more
	// page is the beginning of a page, in which there are count things.
	page  []byte
	count int
	// begun is how large the beginning is, as the service knows it.
	begun int64
	// worked is how long it has taken so far.
	worked time.Duration
	// ended says that it was counted how the search has ended.
	ended bool
}

// next implements stream.Source.
func (p *pages) next(ctx context.Context, dst []byte, demand int64) ([]byte, stream.Step, *protocol.Error) {
	dst, step, err := p.advance(ctx, dst, demand)
	if err != nil {
		p.close()
		p.begin(0)
	}
	switch {
	case ctx.Err() != nil: // the client is gone, whatever came of it
	case err != nil:
		p.end(metrics.EndOfSearch(err.Status))
	case step == stream.End:
		p.end(metrics.SearchCompleted)
	}
	return dst, step, err
}

func (p *pages) advance(ctx context.Context, dst []byte, demand int64) ([]byte, stream.Step, *protocol.Error) {
	switch {
	case p.invalid != nil:
		return dst, stream.End, p.invalid
	case p.over:
		return dst, stream.End, nil
	}
	want := 0
	if demand > 0 {
		want = min(p.query.Size-p.count, MaxPortion)
	}
	items, step, err := p.fetch(ctx, want)
	if err != nil {
		return dst, stream.End, err
	}
	if p.over = step == stream.End; p.over {
		p.close()
	}
	if demand > 0 {
		return p.turn(dst, items)
	}
	if step != stream.Again {
		p.worked = 0
	}
	return dst, step, nil
}

// turn adds things to the page, and appends that to dst if it is complete.
func (p *pages) turn(dst []byte, items [][]byte) ([]byte, stream.Step, *protocol.Error) {
	size := len(p.page)
	for _, item := range items {
		size += len(item)
	}
	switch count := p.count + len(items); {
	case p.over && count == 0:
		return dst, stream.End, nil
	case p.over || count >= p.query.Size || size >= MaxBytes || !p.begin(size):
		dst = append(p.add(append(dst, p.page...), items), ']')
		p.page, p.count, p.worked = nil, 0, 0
		p.begin(0)
		return dst, stream.Item, nil
	}
	p.page = p.add(p.page, items)
	p.count += len(items)
	return dst, stream.Again, nil
}

// begin notes how large the beginning of the page is, and reports whether there is room for that.
func (p *pages) begin(size int) bool {
	more := int64(size) - p.begun
	if all := p.service.begun.Add(more); all > maxBegun && more > 0 {
		p.service.begun.Add(-more)
		return false
	}
	p.begun = int64(size)
	return true
}

// add appends things to the beginning of a page, an array that is still open.
func (p *pages) add(dst []byte, items [][]byte) []byte {
	for i, item := range items {
		separator := byte(',')
		if p.count+i == 0 {
			separator = '['
		}
		dst = append(append(dst, separator), item...)
	}
	return dst
}

// fetch has the cursor take a step, within what is left of the time for the page.
func (p *pages) fetch(ctx context.Context, want int) (items [][]byte, step stream.Step, err *protocol.Error) {
	o := &p.service.options
	timeout := p.service.settings.Load().Timeout
	if p.worked >= timeout {
		return nil, stream.End, protocol.ErrSearchTimeExceeded(timeout)
	}
	limited := lazily.WithTimeout(ctx, timeout-p.worked)
	defer limited.End()
	began := o.Clock()
	if p.cursor == nil {
		p.cursor, err = o.Finder.Find(limited, p.from, p.query) //nolint:contextcheck // it is derived from ctx
	}
	if err == nil {
		items, step, err = p.cursor.Next(limited, want) //nolint:contextcheck // it is derived from ctx
	}
	p.worked += o.Clock().Sub(began)
	if err != nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
		err = protocol.ErrSearchTimeExceeded(timeout)
	}
	return items, step, err
}

// release is told that the search is of no more use to the client.
func (p *pages) release() {
	p.close()
	p.begin(0)
	p.end(metrics.SearchCancelled)
}

// end counts how the search has ended, once.
func (p *pages) end(how metrics.SearchEnd) {
	if !p.ended {
		p.ended = true
		p.service.options.Metrics.SearchEnded(how)
	}
}

// close closes the cursor. It may be called again.
func (p *pages) close() {
	if p.cursor != nil {
		p.cursor.Close()
		p.cursor = nil
	}
}
