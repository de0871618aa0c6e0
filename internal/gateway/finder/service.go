package finder

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/stream"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Reader reads things as requesters may see them now, in the order of their ids; nil for one of which that is nothing.
type Reader interface {
	Read(ctx context.Context, who authority.Subject, things *thing.RetrieveThings, within time.Duration) ([][]byte, *protocol.Error)
}

// Options of a Service. All must be set.
type Options struct {
	Store     store.Store
	Authority *authority.Authority
	Reader    Reader
	Clock     func() time.Time
	// Within is how long it may take to read what was found.
	Within func() time.Duration
}

// Service finds things for who searches. It implements search.Finder.
type Service struct {
	options    Options
	population population
	views      atomic.Int64 // that are open
}

// NewService returns a service.
func NewService(o Options) *Service { return &Service{options: o} }

// maxViews is how many searches may be under way.
const maxViews = 4096

// Find implements search.Finder.
func (s *Service) Find(_ context.Context, who exchange.Requester, q *query.Query) (search.Cursor, *protocol.Error) {
	if s.views.Add(1) > maxViews {
		s.views.Add(-1)
		return nil, protocol.ErrTooManyRequests(time.Second)
	}
	view, err := s.options.Store.Snapshot()
	if err != nil {
		s.views.Add(-1)
		return nil, protocol.ErrInternal()
	}
	c := &cursor{service: s, who: who, view: view, things: thing.RetrieveThings{Fields: q.Fields, HasFields: q.HasFields}}
	wanted := Query{Filter: q.Filter, Sort: q.Sort, Namespaces: q.Namespaces, Page: q.Size, Now: s.options.Clock()}
	c.search = Begin(source{view, s.population.count(s.options.Clock(), view)}, wanted, c.look)
	return c, nil
}

// source is a view as a Source.
type source struct {
	store.View
	things int64
}

// Load implements Source.
func (s source) Load(id string) (store.Record, error) {
	return s.View.Load(store.Key{Kind: store.Thing, ID: id})
}

// Things implements Source.
func (s source) Things() int64 { return s.things }

// cursor is a search and the view that it searches. It implements search.Cursor.
type cursor struct {
	service *Service
	who     exchange.Requester
	view    store.View
	search  *Search
	things  thing.RetrieveThings
	// ahead is what was found and not told yet, "" for nothing.
	ahead string
	// rights are what the requester may do under policies, in namespaces.
	rights map[governed]*enforcer.Rights
}

// governed is all that it depends on what a requester may do with a thing.
type governed struct{ policyID, namespace string }

// Close implements search.Cursor.
func (c *cursor) Close() {
	c.search.Close()
	_ = c.view.Close()
	c.service.views.Add(-1)
}

// Next implements search.Cursor.
func (c *cursor) Next(ctx context.Context, n int) (items [][]byte, step stream.Step, err *protocol.Error) {
	if n == 0 {
		return c.peek()
	}
	c.things.IDs = c.things.IDs[:0]
	for step = stream.More; step == stream.More && len(c.things.IDs) < n; {
		var id string
		if id, step, err = c.take(ctx); err != nil {
			return nil, step, err
		}
		if id != "" {
			c.things.IDs = append(c.things.IDs, id)
		}
	}
	if len(c.things.IDs) == 0 {
		return nil, step, nil
	}
	parts, err := c.service.options.Reader.Read(ctx, c.who, &c.things, c.service.options.Within())
	return slices.DeleteFunc(parts, func(part []byte) bool { return part == nil }), step, err
}

// peek finds out whether there is another thing.
func (c *cursor) peek() (items [][]byte, step stream.Step, err *protocol.Error) {
	if c.ahead == "" {
		c.ahead, step, err = c.take(context.Background())
		return nil, step, err
	}
	return nil, stream.More, nil
}

// take returns what was found next, "" for nothing if the step is not stream.More.
func (c *cursor) take(ctx context.Context) (id string, step stream.Step, err *protocol.Error) {
	if id, c.ahead = c.ahead, ""; id != "" {
		return id, stream.More, nil
	}
	if ctx.Err() != nil {
		return "", stream.End, protocol.ErrSearchTooMuch()
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
	return id, stream.More, nil
}

// errorOf is what a client is told of an error. The store's own words are for operators.
func errorOf(err error) *protocol.Error {
	if errors.Is(err, ErrTooMany) || errors.Is(err, rql.ErrTooMuchWork) {
		return protocol.ErrSearchTooMuch()
	}
	return protocol.ErrInternal()
}

// look implements Look: what the requester may see by the policy as it is now.
//
// Protocol rule: a thing is found by who may read any of what it has. What everybody sees of it who sees any of it does not count.
func (c *cursor) look(id string, r *store.Record) (doc, meta []byte, ok bool) {
	namespace := protocol.NamespaceOf(id)
	if !c.who.MayAccess(protocol.Things, namespace) {
		return nil, nil, false
	}
	rights := c.rightsOn(governed{(*thing.State)(r).PolicyID(), namespace})
	if rights.Unrestricted(enforcer.Thing, nil, enforcer.Read) {
		return r.Doc, r.Meta, true
	}
	if _, ok := rights.View(enforcer.Thing, nil, r.Doc); !ok {
		return nil, nil, false
	}
	doc = thing.VisibleParts(r.Doc, rights)
	if r.Meta != nil {
		meta = thing.VisibleParts(r.Meta, rights)
	}
	return doc, meta, doc != nil
}

// maxRights is how many rights a search remembers.
const maxRights = 4096

// rightsOn returns what the requester may do, nil if that is nothing. Within a search it is asked once: a policy that changes
// meanwhile takes effect where things are read that were found.
func (c *cursor) rightsOn(g governed) *enforcer.Rights {
	if known, ok := c.rights[g]; ok {
		return known
	}
	rights, _ := c.service.options.Authority.On(c.who, nil).ThingRights(g.policyID, g.namespace)
	if c.rights == nil || len(c.rights) >= maxRights {
		c.rights = map[governed]*enforcer.Rights{}
	}
	c.rights[g] = rights
	return rights
}
