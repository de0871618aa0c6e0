package finder

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// longPolicy is an id of which entries of the index have only what another one begins with, too.
var longPolicy = "org.acme:" + strings.Repeat("é", 200)

// policies are what things have, by their ids, with what somebody called a may see, or b.
var policies = map[string][]string{
	"org.acme:all":     {"s:a grant:/", "s:b grant:/"},
	"org.acme:a":       {"s:a grant:/"},
	"org.acme:none":    {"s:x grant:/"},
	"org.acme:part":    {"s:a grant:/attributes/opt", "s:b grant:/features/h"},
	"org.acme:less":    {"s:a grant:/ revoke:/attributes/m", "s:b grant:/ revoke:/attributes revoke:/features revoke:/policyId revoke:/thingId"},
	"org.acme:over":    {"s:a grant:/", "s:b grant:/", "s:a revoke:/features"},
	"org.acme:absent":  {"s:a grant:/attributes/missing", "s:b grant:/definition"},
	longPolicy + "all": {"s:a grant:/", "s:b grant:/"},
	longPolicy + "no":  {"s:x grant:/"},
}

// sees is what somebody sees of a thing, from the policy of now and without a short cut.
func (s *stand) sees(who exchange.Requester) Look {
	return func(id string, r *store.Record) (doc, meta []byte, ok bool) {
		namespace := namespaceOf(id)
		if !who.MayAccess(protocol.Things, namespace) {
			return nil, nil, false
		}
		rights, _ := s.service.options.Authority.On(who, nil).ThingRights((*thing.State)(r).PolicyID(), namespace)
		if _, ok = rights.View(enforcer.Thing, nil, r.Doc); !ok {
			return nil, nil, false
		}
		return thing.VisibleParts(r.Doc, rights), nil, true
	}
}

// TestCountAgainstNaive compares random counts with how many things a naive search finds, whichever way they take.
func TestCountAgainstNaive(t *testing.T) {
	random := rand.New(rand.NewPCG(17, uint64(*searches)))
	s := newStand(t)
	var ids []string
	for id, entries := range policies {
		s.policy(t, id, entries...)
		ids = append(ids, id)
	}
	ids = append(ids, "org.acme:gone")
	change := func() {
		id := fmt.Sprintf("%s:t%d", pick(random, "org.acme", "org.b", "org.acme.x"), random.IntN(60))
		doc := ""
		if random.IntN(5) > 0 {
			doc = strings.NewReplacer(`"policyId":"org.acme:p"`, fmt.Sprintf(`"policyId":%q`, pick(random, ids...)),
				`"policyId":"org.acme:q"`, fmt.Sprintf(`"policyId":%q`, pick(random, ids...))).Replace(randomThing(random, id))
		}
		s.set(t, id, doc, created.Add(time.Duration(random.IntN(100))*time.Second))
	}
	for range 150 {
		change()
	}
	some := 0
	for range *searches / 5 {
		change()
		if random.IntN(20) == 0 {
			id := pick(random, ids[:len(ids)-1]...)
			s.policy(t, id, pick(random, policies[ids[0]], policies[ids[1]], policies[id])...)
		}
		who := person{subjects: []string{pick(random, "s:a", "s:b")}, closed: pick(random, "", "org.b")}
		wanted := randomQuery(t, random)
		q := &query.Query{Filter: wanted.Filter, Sort: wanted.Sort, Namespaces: wanted.Namespaces, Size: wanted.Page}
		want := len(naive(t, &shelf{records: maps.Clone(s.records)}, &wanted, s.sees(who)))
		got, err := s.service.Count(t.Context(), who, q)
		if err != nil || got != int64(want) {
			t.Fatalf("%v counts %d of %v in %v, want %d (%v)", who.subjects, got, q.Filter, q.Namespaces, want, err)
		}
		c := s.begin(t, who, q)
		c.search.limits = limits{least: pick(random, 1, 5), features: pick(random, 1, 100), remembered: 10}
		c.work.source.things = int64(random.IntN(200))
		if got, err := c.count(t.Context()); err != nil || got != int64(want) {
			t.Fatalf("%v counts %d of %v in %v the other way, want %d (%v)", who.subjects, got, q.Filter, q.Namespaces, want, err)
		}
		c.Close()
		if want > 0 && want < len(s.records) {
			some++
		}
	}
	if some < *searches/20 {
		t.Errorf("only %d counts found some and not all", some)
	}
}

// Without a filter, only things are read of which it depends on the thing whether somebody may see any of it, and one for each
// policy.
func TestCountReadsPoliciesInsteadOfThings(t *testing.T) {
	s := newStand(t)
	s.policy(t, "n:all", "s:a grant:/")
	s.policy(t, "n:none", "s:b grant:/")
	s.policy(t, "n:part", "s:a grant:/attributes/x")
	for i := range 900 {
		id := fmt.Sprintf("n:t%04d", i)
		policy := []string{"all", "all", "none"}[i%3]
		if i%300 == 7 {
			policy = "part"
		}
		attributes := ""
		if i < 100 {
			attributes = `,"attributes":{"x":1}`
		}
		s.set(t, id, fmt.Sprintf(`{"thingId":%q,"policyId":"n:%s"%s}`, id, policy, attributes), created)
	}
	read := 0
	s.loading = func(string) { read++ }
	n, err := s.service.Count(t.Context(), user("s:a"), about(t, ""))
	if err != nil || n != 598 || read != 3+3 {
		t.Errorf("%d things, %d read (%v); want 598 and 6", n, read, err)
	}
	if got := s.counted(t, "search_things_found_total", ""); got != 598 {
		t.Errorf("%v are counted as found", got)
	}
}

// A count ends when its time is over, or nobody waits for it any more, wherever it is.
func TestCountEndsInTime(t *testing.T) {
	for outcome, begin := range map[string]func() (ctx context.Context, end func()){
		"cancelled": func() (context.Context, func()) { return context.WithCancel(t.Context()) },
		"timed-out": func() (context.Context, func()) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			t.Cleanup(cancel)
			return ctx, func() { <-ctx.Done() }
		},
	} {
		t.Run(outcome, func(t *testing.T) {
			s := newStand(t)
			s.things(t, "n", 4*stepsPerPause)
			ctx, end := begin()
			read := 0
			s.loading = func(string) {
				read++
				end()
			}
			_, err := s.service.Count(ctx, user("s:a"), about(t, "not(exists(attributes/x))"))
			if err == nil || err.Code != "thing-search:query.time.exceeded" || err.Status != 408 {
				t.Errorf("got %v", err)
			}
			if read > 2*stepsPerPause {
				t.Errorf("%d things were read", read)
			}
			if got := s.counted(t, "searches_total", outcome); got != 1 {
				t.Errorf("%v counts are %s", got, outcome)
			}
			if open, _ := s.service.Open(); open != 0 {
				t.Errorf("%d views are open", open)
			}
		})
	}
}

// Counts that cannot begin say why.
func TestCountIsRefused(t *testing.T) {
	s := newStand(t)
	for range MaxViewsOfUser {
		s.begin(t, user("s:a"), about(t, ""))
	}
	_, err := s.service.Count(t.Context(), user("s:a"), about(t, ""))
	if err == nil || err.Status != 429 || s.counted(t, "searches_total", "refused") != 1 {
		t.Errorf("got %v", err)
	}
	if n, err := s.service.Count(t.Context(), user("s:b"), about(t, "")); n != 0 || err != nil {
		t.Errorf("somebody else counts %d, %v", n, err)
	}
}
