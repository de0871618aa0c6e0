package query

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Bounds of a page, in things.
const (
	DefaultSize = 25
	MaxSize     = 200
)

// Query is a search. It does not change and may be shared.
type Query struct {
	// Filter is nil for all things that the requester may see.
	Filter *rql.Predicate
	// Sort is by what things are sorted. The last key is the id, and no other is.
	Sort []Key
	// Size is how many things a page has at most.
	Size int
	// Namespaces are those to search in, in order and each once. None: all.
	Namespaces []string
	// Fields select what is told of each thing, if HasFields.
	Fields    document.Selector
	HasFields bool
	// After is where the page before has ended, nil for the first.
	After *Position
	// Offset is how many things to pass over before the page.
	Offset int
	// Paging is how the client goes on behind a page.
	Paging Paging
}

// Key is a property by which things are sorted.
type Key struct {
	// Property is its name as in [rql.Property].
	Property   string
	Descending bool
}

// Position is that of a thing in the order of a query.
type Position struct {
	// Values are what the thing has been sorted by, one for each key but the id, in whatever form the keys are compared; nil
	// for what it lacks.
	Values [][]byte
	// ID is that of the thing.
	ID string
}

// Paging is how a client goes from page to page, if it has to say so.
type Paging int

// The ways of paging.
const (
	// ByEither is for a client that has not chosen.
	ByEither Paging = iota
	// ByCursor is for one that has named a size, or has come with a cursor.
	ByCursor
	// ByOffset is for one that has named an offset.
	ByOffset
)

// ByID is what every sort order ends with.
const ByID = "thingId"

// Stream returns the query of a search whose pages are sent on demand.
//
// Errors: rql.expression.invalid; json.fieldselector.invalid; thing-search:search.option.invalid, also for a cursor or a limit;
// thing-search:search.namespaces.invalid.
func Stream(p protocol.SearchParameters) (*Query, *protocol.Error) {
	o, err := parseOptions(p.Options)
	switch {
	case err != nil:
		return nil, err
	case o.has(optionCursor), o.has(optionLimit):
		return nil, protocol.ErrSearchOptionInvalid(p.Options, "Here are no cursors and limits: request the next page instead.")
	}
	q, err := newQuery(p)
	if err != nil {
		return nil, err
	}
	q.Sort, q.Size = o.order(), o.sizeOr(DefaultSize)
	return q, nil
}

// Page returns the query of a search for a single page, which may continue another one.
//
// Protocol rules: with a cursor, filter, namespaces and sort order need not be said again; if they are, they must be the same.
// The size may be another one.
//
// Errors: as for Stream.
func Page(p protocol.SearchParameters, seal *Seal) (*Query, *protocol.Error) {
	o, err := parseOptions(p.Options)
	if err != nil {
		return nil, err
	}
	if o.has(optionCursor) {
		return resume(p, o, seal)
	}
	q, err := newQuery(p)
	if err != nil {
		return nil, err
	}
	q.Sort, q.Size = o.order(), o.sizeOr(DefaultSize)
	switch {
	case o.has(optionLimit):
		q.Offset, q.Size, q.Paging = o.offset, o.count, ByOffset
	case o.has(optionSize):
		q.Paging = ByCursor
	}
	return q, nil
}

// newQuery returns a query without what the options say.
func newQuery(p protocol.SearchParameters) (*Query, *protocol.Error) {
	q := &Query{HasFields: p.HasFields}
	if p.HasFilter {
		filter, err := rql.CompileSearch(p.Filter)
		if err != nil {
			return nil, protocol.ErrRQLInvalid(p.Filter, err.Error()+".")
		}
		q.Filter = filter
	}
	if p.HasFields {
		fields, err := document.ParseSelector(p.Fields)
		if err != nil {
			return nil, protocol.ErrFieldSelectorInvalid(p.Fields)
		}
		q.Fields = fields
	}
	if err := protocol.CheckNamespaces(p.Namespaces); err != nil {
		return nil, err
	}
	q.Namespaces = distinct(p.Namespaces)
	return q, nil
}

func distinct(namespaces []string) []string {
	if len(namespaces) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(namespaces)))
}
