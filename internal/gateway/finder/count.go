package finder

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Count returns how many things a requester would find by the policies of now: of those in the query's namespaces, if it names
// any. How things are sorted, what of them is wanted, and how many at a time makes no difference.
//
// It takes no longer than ctx and Options.Within allow.
//
// Errors: thing-search:query.time.exceeded, too.many.requests, internalerror.
func (s *Service) Count(ctx context.Context, who exchange.Requester, q *query.Query) (n int64, err *protocol.Error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Within())
	defer cancel()
	defer func() { s.options.Metrics.SearchEnded(endOf(ctx, err)) }()
	plain := *q
	plain.Sort, plain.After, plain.Offset = nil, nil, 0
	c, err := s.find(ctx, who, &plain)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.count(ctx)
}

// endOf returns how a count has ended.
func endOf(ctx context.Context, err *protocol.Error) metrics.SearchEnd {
	switch {
	case err == nil:
		return metrics.SearchCompleted
	case errors.Is(ctx.Err(), context.Canceled):
		return metrics.SearchCancelled
	}
	return metrics.EndOfSearch(err.Status)
}

// count counts what the search would find, which it does not do any more.
func (c *cursor) count(ctx context.Context) (int64, *protocol.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.search.stop()
	counting := counting{finding: c.search.finding, sight: c.sight}
	c.search.next, c.search.stop = iter.Pull(counting.run)
	defer c.work.turned()
	for more := true; more; {
		var failed error
		err := c.work.step(ctx, func() {
			_, more, failed = c.search.Next()
			c.work.found = int(counting.n)
		})
		c.rights = nil
		if failed != nil {
			err = errorOf(failed)
		}
		if err != nil {
			return 0, err
		}
	}
	return counting.n, nil
}

// sight is what a requester may see of the things that a policy governs.
type sight int

const (
	seesNothing sight = iota
	seesSome
	seesAll
)

// sight returns what the requester may see of things in a namespace.
func (c *cursor) sight(policyID, namespace string) sight {
	if !c.who.MayAccess(protocol.Things, namespace) {
		return seesNothing
	}
	switch rights := c.rightsOn(governed{policyID, namespace}); {
	case rights.Unrestricted(enforcer.Thing, nil, enforcer.Read):
		return seesAll
	case rights.Partial(enforcer.Thing, nil, enforcer.Read):
		return seesSome
	}
	return seesNothing
}

// counting counts things that match. Neither are they sorted, nor are they kept.
type counting struct {
	*finding
	// sight is what may be seen of things with a policy and in a namespace.
	sight func(policyID, namespace string) sight
	n     int64
}

// run counts, and tells nothing but pauses.
func (c *counting) run(yield func(id string) bool) {
	c.yield = yield
	c.plan = planOf(c.query)
	if err := c.all(); c.err == nil && !errors.Is(err, errStopped) {
		c.err = err
	}
}

// all takes the way on which the least has to be looked at.
func (c *counting) all() error {
	if err := c.tighten(&c.plan); err != nil {
		return err
	}
	policies := planOf(&Query{Filter: havePolicy, Now: c.query.Now, Indexed: c.query.Indexed})
	byPolicy := c.query.Filter == nil && policies.Kind == index.Entries
	few := c.fewToCount(byPolicy)
	found, whole, err := c.collect(&c.plan, few)
	switch {
	case err != nil:
		return err
	case whole:
		return c.those(found)
	case byPolicy:
		return c.byPolicy(policies.Range)
	}
	return c.byID()
}

// The ids of things that are led to by the index are remembered, so that none is counted twice.
const maxRemembered = 250_000

// fewToCount is how many things are rather looked for one by one than that all are looked at, or only their policies.
func (c *counting) fewToCount(byPolicy bool) int {
	part := int64(4)
	if byPolicy {
		part = 16
	}
	return max(c.least, int(min(c.source.Things()/part, maxRemembered)))
}

// those counts which of some things match.
func (c *counting) those(ids []string) error {
	for _, id := range ids {
		if err := c.one(id); err != nil {
			return err
		}
	}
	return nil
}

// one counts a thing if it matches.
func (c *counting) one(id string) error {
	found, err := c.at(id)
	if found != nil {
		c.n++
	}
	return err
}

// byID counts what matches of all things.
func (c *counting) byID() error {
	for _, ids := range idRanges(&c.plan) {
		if err := c.scan(index.ThingsFrom(ids), idsTo(func(id []byte) error { return c.one(string(id)) })); err != nil {
			return err
		}
	}
	return nil
}

// havePolicy holds for all things.
var havePolicy = func() *rql.Predicate {
	p, _ := rql.CompileSearch("exists(policyId)")
	return p
}()

// byPolicy counts the things that may be seen, policy by policy. Only those are looked at of which a part may be seen: it depends on
// the thing then whether it has that part.
//
// Protocol rule: a thing is there for who may read any of what it has. One without a policy is there for nobody.
func (c *counting) byPolicy(entries index.Range) error {
	var at governing
	return c.scan(entries, func(key []byte) error {
		_, value, id := index.Split(key)
		if err := c.enter(&at, value, id); err != nil {
			return err
		}
		switch at.seen {
		case seesAll:
			c.n++
		case seesSome:
			return c.one(string(id))
		case seesNothing:
		}
		return nil
	})
}

// governing is what neighbours in the index have in common.
type governing struct {
	value, namespace []byte
	policyID         string
	seen             sight
}

// enter finds out what may be seen of a thing by an entry of its policy.
func (c *counting) enter(at *governing, value, id []byte) (err error) {
	namespace, _, _ := bytes.Cut(id, colon)
	// A value that is longer may be cut, and so be that of several policies.
	same := bytes.Equal(value, at.value) && len(value) <= index.MaxText
	if same && bytes.Equal(namespace, at.namespace) {
		return nil
	}
	if !same {
		at.value = append(at.value[:0], value...)
		if at.policyID, err = c.policyOf(string(id)); err != nil {
			return err
		}
	}
	at.namespace = append(at.namespace[:0], namespace...)
	at.seen = seesNothing
	if c.query.wants(string(namespace)) {
		at.seen = c.sight(at.policyID, string(namespace))
	}
	return nil
}

// wants reports whether a query is about a namespace.
func (q *Query) wants(namespace string) bool {
	return len(q.Namespaces) == 0 || slices.Contains(q.Namespaces, namespace)
}

var colon = []byte{':'}

// policyOf returns the id of a thing's policy.
func (c *counting) policyOf(id string) (string, error) {
	if err := c.worked(1); err != nil {
		return "", err
	}
	c.looked++
	record, err := c.source.Load(id)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return (*thing.State)(&record).PolicyID(), err
}
