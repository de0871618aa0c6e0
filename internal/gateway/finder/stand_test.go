package finder

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/stream"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// stand is a service over a real store, with a clock that goes when it is told to.
type stand struct {
	*cellar
	service *Service
	metrics *metrics.Metrics
	log     bytes.Buffer

	mu  sync.Mutex
	now time.Time
	// loading is called whenever a search reads a thing, nil for nothing.
	loading func(id string)
}

func newStand(t testing.TB) *stand {
	t.Helper()
	s := &stand{cellar: newCellar(t), metrics: metrics.New(), now: created}
	s.service = NewService(Options{
		Store: watched{s.Store, s}, Authority: authority.NewAuthority(s.Store, 1<<20, authority.Settings{}), Reader: s,
		Metrics: s.metrics, Clock: s.clock, Logger: slog.New(slog.NewTextHandler(&s.log, nil)), Within: func() time.Duration { return time.Minute },
	})
	return s
}

func (s *stand) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stand) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Read implements Reader: of each thing its id.
func (*stand) Read(_ context.Context, _ authority.Subject, things *thing.RetrieveThings, _ time.Duration) (parts [][]byte, _ *protocol.Error) {
	for _, id := range things.IDs {
		parts = append(parts, []byte(id))
	}
	return parts, nil
}

// watched is a store whose views tell what is read.
type watched struct {
	store.Store
	stand *stand
}

// Snapshot implements store.Store.
func (w watched) Snapshot() (store.View, error) {
	v, err := w.Store.Snapshot()
	return watchedView{v, w.stand}, err
}

type watchedView struct {
	store.View
	stand *stand
}

// Load implements store.View.
func (v watchedView) Load(key store.Key) (store.Record, error) {
	if v.stand.loading != nil {
		v.stand.loading(key.ID)
	}
	return v.View.Load(key)
}

// person is who searches, by their subjects. Nobody tells them anything here.
type person struct {
	exchange.Requester
	subjects []string
	closed   string // the namespace that they may not address
}

func user(subjects ...string) person { return person{subjects: subjects} }

// These are of exchange.Requester.

func (p person) Audience() *pubsub.Audience { return &pubsub.Audience{Subjects: p.subjects} }
func (p person) MayAccess(group protocol.Group, namespace string) bool {
	return group != protocol.Things || namespace != p.closed
}

// policy stores a policy with entries: "subject grant PATH…, revoke PATH…" each.
func (s *stand) policy(t testing.TB, id string, entries ...string) {
	t.Helper()
	var texts []string
	for i, e := range entries {
		subject, rights, _ := strings.Cut(e, " ")
		var resources []string
		for r := range strings.FieldsSeq(rights) {
			how, path, _ := strings.Cut(r, ":")
			resources = append(resources, fmt.Sprintf(`"thing:%s":{"grant":[%s],"revoke":[%s]}`, path,
				map[bool]string{true: `"READ"`}[how == "grant"], map[bool]string{true: `"READ"`}[how == "revoke"]))
		}
		texts = append(texts, fmt.Sprintf(`"e%d":{"subjects":{%q:{"type":"t"}},"resources":{%s},"importable":"implicit"}`, i, subject, strings.Join(resources, ",")))
	}
	doc := canonical(t, fmt.Sprintf(`{"policyId":%q,"entries":{%s}}`, id, strings.Join(texts, ",")))
	key := store.Key{Kind: store.Policy, ID: id}
	s.last["policy "+id]++
	revision := s.last["policy "+id]
	commit, err := s.Apply([]store.Append{{
		Key: key, Expected: revision - 1, Record: store.Record{Revision: revision, Created: created, Modified: created, Doc: doc},
		Event: store.Event{Revision: revision, Time: created},
	}})
	if err == nil {
		err = commit.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.service.options.Authority.Policies.Changed(id)
}

// things makes n things in a namespace, with a policy that lets everybody of the subject see them.
func (s *stand) things(t testing.TB, namespace string, n int) {
	t.Helper()
	s.policy(t, namespace+":p", "s:a grant:/", "s:b grant:/")
	for i := range n {
		id := fmt.Sprintf("%s:t%04d", namespace, i)
		s.set(t, id, fmt.Sprintf(`{"thingId":%q,"policyId":"%s:p","attributes":{"n":%d}}`, id, namespace, i), created)
	}
}

func about(t testing.TB, filter string) *query.Query {
	t.Helper()
	q := &query.Query{Size: query.DefaultSize, Sort: []query.Key{{Property: query.ByID}}}
	if filter == "" {
		return q
	}
	var err error
	if q.Filter, err = rql.CompileSearch(filter); err != nil {
		t.Fatal(err)
	}
	return q
}

// begin begins a search that is closed at the end of the test at the latest.
func (s *stand) begin(t testing.TB, who exchange.Requester, q *query.Query) *cursor {
	t.Helper()
	c, err := s.service.find(t.Context(), who, q)
	if err != nil {
		t.Fatal(err.Message)
	}
	t.Cleanup(c.Close)
	return c
}

// page returns the next n things, or what there are left.
func (c *cursor) page(t testing.TB, n int) (ids []string) {
	t.Helper()
	for step := stream.More; len(ids) < n && step != stream.End; {
		var items [][]byte
		var err *protocol.Error
		if items, step, err = c.Next(t.Context(), n-len(ids)); err != nil {
			t.Error(err.Message)
			return ids
		}
		for _, item := range items {
			ids = append(ids, string(item))
		}
	}
	return ids
}

// counted returns the value of a metric with a label's value, "" for none.
func (s *stand) counted(t testing.TB, name, label string) float64 {
	t.Helper()
	families, err := s.metrics.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() != "twinway_"+name || label != "" && m.GetLabel()[0].GetValue() != label {
				continue
			}
			if h := m.GetHistogram(); h != nil {
				return float64(h.GetSampleCount())
			}
			return m.GetCounter().GetValue()
		}
	}
	t.Fatalf("there is no metric %s %s", name, label)
	return 0
}
