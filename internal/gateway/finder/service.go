package finder

import (
	"context"
	"log/slog"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/store"
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
	Metrics   *metrics.Metrics
	Logger    *slog.Logger
	// Changes knows of those of Store, if it is not nil.
	Changes *Changes
	// Indexed are the rules by which the store makes its index.
	Indexed index.Rules
	// Within is how long it may take to find a page, to read what was found, and to count.
	Within func() time.Duration
}

// Service finds things for who searches. It implements search.Finder.
type Service struct {
	options    Options
	population population
	views      *views
	turns      *turns
	rooms      *rooms
	lessons    lessons
}

// NewService returns a service.
func NewService(o Options) *Service {
	return &Service{options: o, population: population{changes: o.Changes}, views: newViews(), turns: newTurns(usualTurns()), rooms: newRooms(usualRoom())}
}

// Open returns how many searches are under way, each of which has a view of the store open, and since when the oldest is: the
// zero time if there are none.
func (s *Service) Open() (searches int, oldest time.Time) { return s.views.state() }

// Find implements search.Finder.
//
// Errors: too.many.requests, internalerror, thing-search:query.time.exceeded.
func (s *Service) Find(ctx context.Context, who exchange.Requester, q *query.Query) (search.Cursor, *protocol.Error) {
	c, err := s.find(ctx, who, q)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (s *Service) find(ctx context.Context, who exchange.Requester, q *query.Query) (*cursor, *protocol.Error) {
	now, user := s.options.Clock(), userOf(who)
	known := s.options.Changes.expect(newOrder(q.Sort, s.options.Indexed)) // before there is a view
	view, err := s.views.take(s.options.Store, user, now)
	if err != nil {
		return nil, err
	}
	c := &cursor{service: s, who: who, size: max(q.Size, 1), view: view, things: thing.RetrieveThings{Fields: q.Fields, HasFields: q.HasFields}}
	from := &source{View: view, memory: known}
	if s.options.Changes != nil {
		//nolint:contextcheck // A lesson is for others too, and goes on when this search does not.
		from.teach = func(property index.Range) *lesson { return s.attend(property, c.search.order) }
	}
	wanted := Query{Filter: q.Filter, Sort: q.Sort, Namespaces: q.Namespaces, After: q.After, Page: q.Size + q.Offset, Now: now, Indexed: s.options.Indexed}
	c.search = Begin(from, wanted, c.look)
	c.search.kept = room{rooms: s.rooms, user: user}
	c.work = work{service: s, user: user, search: c.search, source: from, began: now}
	if from.things, err = c.population(ctx, now); err != nil {
		c.end()
		return nil, err
	}
	c.expiry = time.AfterFunc(MaxAge, c.end)
	return c, nil
}

// population returns how many things there are, about. If they have to be counted, that is done when it is the user's turn.
func (c *cursor) population(ctx context.Context, now time.Time) (int64, *protocol.Error) {
	s := c.service
	for {
		if n, known := s.population.known(ctx, now); known {
			return n, nil
		}
		if err := c.work.wait(ctx); err != nil {
			return 0, err
		}
		n, known := s.population.count(now, c.view)
		s.turns.give()
		if known {
			return n, nil
		}
	}
}

// userOf returns who takes turns with others.
func userOf(who exchange.Requester) string {
	if subjects := who.Audience().Subjects; len(subjects) > 0 {
		return subjects[0]
	}
	return ""
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
const maxRights = 1024

// rightsOn returns what the requester may do, nil if that is nothing. Within one step of a search it is asked once: what follows
// from large policies is not kept between two pages.
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
