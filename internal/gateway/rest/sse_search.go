package rest

import (
	"context"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/search"
)

// foundEvents answers with the things that are found, each under its id, and ends. A client that comes back with the last id that it
// has been told goes on behind it.
func foundEvents(q *request) *answer {
	asked, err := q.searched(asksForPage)
	switch {
	case err != nil:
		return refusal(err)
	case asked.Paging != query.ByEither:
		return refusal(protocol.ErrSearchOptionInvalid(q.query.Get("option"), "A stream of all that is found can be sorted, and nothing else."))
	}
	return q.stream(func(s *eventStream) (func() *protocol.Error, *protocol.Error) {
		c := q.newCall()
		s.atEnd(c.end)
		f := newFindings(q, c, asked)
		if err := search.Restrict(&f.query, c); err != nil {
			return nil, err
		}
		if err := f.resume(q.http.Header.Get("Last-Event-ID")); err != nil {
			return nil, err
		}
		return s.tell(f.next)
	})
}

// findings are things that are found, page by page. Between pages nothing is held, however long the client takes.
type findings struct {
	request *request
	call    *call
	query   query.Query
	// fields select what is told, if selects.
	fields  document.Selector
	selects bool
	page    [][]byte
	last    bool // there is none behind the page
}

var thingID = document.Pointer{"thingId"}

// newFindings returns those of a query. What is read of things is more than is told by their ids.
func newFindings(q *request, c *call, asked *query.Query) *findings {
	f := &findings{request: q, call: c, query: *asked, fields: asked.Fields, selects: asked.HasFields}
	f.query.Size = query.MaxSize
	if f.selects {
		f.query.Fields = document.SelectorOf(append(slices.Clip(f.fields.Pointers()), thingID))
	}
	return f
}

// resume has the search begin behind the thing with the id, or at the beginning if there is none.
//
// Where that thing would be now is not known if it is gone, unless things are sorted by their ids. Then everything is told again:
// better than that something is not.
func (f *findings) resume(id string) *protocol.Error {
	if id == "" {
		return nil
	}
	namespace, name, err := f.request.thingID(id)
	if err != nil {
		return err
	}
	at, known := f.request.server.options.Finder.PositionOf(f.call, &f.query, namespace+":"+name)
	switch {
	case known:
		f.query.After = &at
	case len(f.query.Sort) <= 1:
		f.query.After = &query.Position{ID: namespace + ":" + name}
	}
	return nil
}

// next returns the next thing. It is a pull.
func (f *findings) next(ctx context.Context) (*event, bool, *protocol.Error) {
	if len(f.page) == 0 {
		if f.last {
			return nil, false, nil
		}
		page, err := f.request.server.options.Finder.Page(ctx, f.call, &f.query)
		if err != nil {
			return nil, false, err
		}
		f.page, f.last, f.query.After = page.Items, !page.More, &page.Last
		return nil, true, nil
	}
	thing := f.page[0]
	f.page = f.page[1:]
	return f.show(thing), true, nil
}

// show returns the event that a thing is told with, nil if nothing of it is selected.
func (f *findings) show(thing []byte) *event {
	raw, _ := document.Get(thing, thingID)
	id, err := document.Unquote(raw)
	if err != nil {
		id = ""
	}
	if f.selects {
		if thing = f.fields.Apply(thing); len(thing) <= len(`{}`) {
			return nil
		}
	}
	return &event{id: id, data: thing}
}
