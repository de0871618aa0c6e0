package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/finder"
	"github.com/twinway/twinway/internal/gateway/lazily"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/search"
)

// Finder finds things and counts them. What it does ends with the context.
type Finder interface {
	// Page returns the page of a query behind its position, or at its offset.
	Page(ctx context.Context, who exchange.Requester, q *query.Query) (finder.Page, *protocol.Error)
	// PositionOf returns the position that a thing has now in the order of a query, and reports whether there is such a thing that
	// the requester may see.
	PositionOf(who exchange.Requester, q *query.Query, id string) (at query.Position, ok bool)
	// Count returns how many things a requester would find.
	Count(ctx context.Context, who exchange.Requester, q *query.Query) (int64, *protocol.Error)
}

// searchThings answers with a page of the things that are found, and how to go on.
//
// Protocol rules: who has named a size, or has come with a cursor, goes on with a cursor; who has named an offset, with an offset;
// who has named neither may choose. There is neither if there is nothing more.
func searchThings(q *request) *answer {
	asked, err := q.searched(asksForPage)
	if err != nil {
		return refusal(err)
	}
	return q.found(asked, func(p *finder.Page) *answer {
		body := appendItems(append(make([]byte, 0, sizeOf(p.Items)+usualPage), `{"items":`...), p.Items)
		if cursor := q.cursor(asked, p); cursor != "" {
			body = document.AppendString(append(body, `,"cursor":`...), cursor)
		}
		if p.More && asked.Paging != query.ByCursor {
			body = strconv.AppendInt(append(body, `,"nextPageOffset":`...), int64(p.Passed), 10)
		}
		return &answer{status: http.StatusOK, body: append(body, '}')}
	})
}

// countThings answers with how many things are found.
func countThings(q *request) *answer {
	asked, err := q.searched(asksForCount)
	if err != nil {
		return refusal(err)
	}
	return q.search(asked, func(ctx context.Context, c *call, wanted *query.Query) (*answer, *protocol.Error) {
		n, err := q.server.options.Finder.Count(ctx, c, wanted)
		return &answer{status: http.StatusOK, body: strconv.AppendInt(nil, n, 10)}, err
	})
}

// asksFor is what a request can ask of a search.
type asksFor int

const (
	asksForPage asksFor = iota
	// asksForAll is without a filter.
	asksForAll
	// asksForCount is without anything that makes no difference to how many there are.
	asksForCount
)

// searched reads what the request searches for.
//
// Errors: those of parameters and of queries.
func (q *request) searched(kind asksFor) (*query.Query, *protocol.Error) {
	values, err := q.parameters()
	if err != nil {
		return nil, err
	}
	p := protocol.SearchParameters{Namespaces: lists(values["namespaces"])}
	if kind != asksForAll {
		p.Filter, p.HasFilter = allOf(values["filter"])
	}
	if kind == asksForCount {
		return query.Stream(p)
	}
	p.Options = strings.Join(values["option"], ",")
	p.Fields, p.HasFields = strings.Join(values["fields"], ","), values.Has("fields")
	return query.Page(p, q.server.options.Seal)
}

// allOf returns a filter that holds where all of some hold.
func allOf(filters []string) (filter string, has bool) {
	switch len(filters) {
	case 0:
		return "", false
	case 1:
		return filters[0], true
	}
	return "and(" + strings.Join(filters, ",") + ")", true
}

// lists returns what is in lists with commas.
func lists(texts []string) (members []string) {
	for _, text := range texts {
		for member := range strings.SplitSeq(text, ",") {
			if member != "" {
				members = append(members, member)
			}
		}
	}
	return members
}

// found finds the page that is asked for.
func (q *request) found(asked *query.Query, show func(*finder.Page) *answer) *answer {
	return q.search(asked, func(ctx context.Context, c *call, wanted *query.Query) (*answer, *protocol.Error) {
		page, err := q.server.options.Finder.Page(ctx, c, wanted)
		if err != nil {
			return nil, err
		}
		return show(&page), nil
	})
}

// search searches on behalf of the request, in those namespaces that it may address.
//
// Protocol rule: who wants no response is told what is wrong, and nothing else.
func (q *request) search(asked *query.Query, do func(context.Context, *call, *query.Query) (*answer, *protocol.Error)) *answer {
	if err := q.skipBody(); err != nil {
		return refusal(err)
	}
	c := q.newCall()
	defer c.end()
	wanted := *asked
	if err := search.Restrict(&wanted, c); err != nil {
		return refusal(err)
	}
	if q.unanswered(&q.headers) {
		return q.told(&answer{status: statusAccepted})
	}
	limit := q.searchTime()
	ctx := lazily.WithTimeout(q.context(), limit)
	defer ctx.End()
	a, err := do(ctx, c, &wanted)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return refusal(protocol.ErrSearchTimeExceeded(limit))
	case err != nil:
		return refusal(err)
	}
	return q.told(a)
}

// searchTime is how long the search may take.
func (q *request) searchTime() time.Duration {
	if q.timeout != nil && *q.timeout > 0 {
		return *q.timeout
	}
	return q.settings.Timeout
}

// told completes the answer to a search with the headers that answers to commands have.
func (q *request) told(a *answer) *answer {
	a.echo(&q.headers, q.who.Subjects[0])
	a.of(q, &protocol.Envelope{Headers: q.headers})
	return a
}

// cursor returns that of the next page, "" if there is none, or the client goes on otherwise. It is one of what was asked, and not
// of what of it was allowed: with the next page, that is asked again.
func (q *request) cursor(asked *query.Query, p *finder.Page) string {
	if !p.More || asked.Paging == query.ByOffset {
		return ""
	}
	return asked.Cursor(p.Last, q.server.options.Seal)
}

// usualPage is how many bytes a page has beside its things, with a short cursor.
const usualPage = 256

// sizeOf returns how many bytes an array of things has.
func sizeOf(items [][]byte) int {
	size := len("[]")
	for _, item := range items {
		size += len(item) + len(",")
	}
	return size
}

// appendItems appends things as an array.
func appendItems(dst []byte, items [][]byte) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, item...)
	}
	return append(dst, ']')
}

// listThings answers with the things that are named, or, if none are, with those that may be read, page by page.
func listThings(q *request) *answer {
	if q.query.Has("ids") {
		return retrieveThings(q)
	}
	asked, err := q.searched(asksForAll)
	if err != nil {
		return refusal(err)
	}
	return q.found(asked, func(p *finder.Page) *answer {
		a := &answer{status: http.StatusOK, body: appendItems(make([]byte, 0, sizeOf(p.Items)), p.Items)}
		if cursor := q.cursor(asked, p); cursor != "" {
			a.header("link", "<"+q.link(cursor)+`>; rel="next"`)
		}
		return a
	})
}

// link returns where the next page of a list is (RFC 8288). A cursor stands for everything but what is told of things, and how long
// that may take.
func (q *request) link(cursor string) string {
	kept := url.Values{}
	for _, name := range []string{"fields", "namespaces", "timeout"} {
		if q.query.Has(name) {
			kept[name] = q.query[name]
		}
	}
	parameters := kept.Encode()
	if parameters != "" {
		parameters += "&"
	}
	return q.http.URL.EscapedPath() + "?" + parameters + "option=cursor(" + cursor + ")"
}

// retrieveThings answers with things by their ids.
//
// Protocol rule: those that are not there for the requester are left out, the others are in the order of the ids.
func retrieveThings(q *request) *answer {
	env := q.envelope(protocol.Things, protocol.Wildcard+":"+protocol.Wildcard, protocol.Retrieve)
	env.Path = "/"
	if err := q.fill(env); err != nil {
		return refusal(err)
	}
	env.Value = []byte(`{"thingIds":[`)
	for i, id := range lists(q.query["ids"]) {
		if i > 0 {
			env.Value = append(env.Value, ',')
		}
		env.Value = document.AppendString(env.Value, id)
	}
	env.Value = append(env.Value, `]}`...)
	return q.do(env)
}
