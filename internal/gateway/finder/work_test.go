package finder

import (
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/query"
)

// What searches do is counted: once, and as it is done.
func TestSearchesAreCounted(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 10)
	check := func(when string, want map[string]float64) {
		t.Helper()
		for name, want := range want {
			name, label, _ := strings.Cut(name, " ")
			if got := s.counted(t, "search_"+name, label); got != want {
				t.Errorf("%s: %s %s is %v, want %v", when, name, label, got, want)
			}
		}
	}
	two := func(filter string) *query.Query {
		q := about(t, filter)
		q.Size = 2
		return q
	}
	c := s.begin(t, user("s:a"), two("ge(attributes/n,7)"))
	check("before", map[string]float64{"things_looked_at_total": 0, "duration_seconds": 0})
	s.loading = func(string) { s.pass(time.Millisecond) }
	c.page(t, 2)
	check("after a page", map[string]float64{"things_looked_at_total": 2, "things_found_total": 2, "duration_seconds": 1, "full_scans_total no-filter": 0})
	c.page(t, 25)
	check("after all", map[string]float64{"things_looked_at_total": 3, "things_found_total": 3, "full_scans_total not-indexed": 0})
	if s.counted(t, "search_keys_passed_total", "") < 3 {
		t.Error("no keys were passed")
	}
	all := s.begin(t, user("s:a"), two(""))
	all.page(t, 1)
	all.page(t, 1)
	check("without a filter", map[string]float64{"things_found_total": 5, "full_scans_total no-filter": 1, "full_scans_total not-indexed": 0, "duration_seconds": 3})
	s.begin(t, user("s:a"), two(everywhere)).page(t, 2)
	check("where the index is of no use", map[string]float64{"things_found_total": 5, "full_scans_total no-filter": 1, "full_scans_total not-indexed": 1, "duration_seconds": 4})
}

// Operators are told of a search that works on a page for long, once, and not for whom it was or what it has compared with.
func TestSlowSearchesAreTold(t *testing.T) {
	sorted := about(t, `and(gt(attributes/n,-7351),not(in(attributes/serial,"secret","other")))`)
	sorted.Size, sorted.Sort = 2, []query.Key{{Property: "attributes/n", Descending: true}, {Property: "thingId"}}
	all := about(t, "")
	all.Size = 2
	for name, tc := range map[string]struct {
		query *query.Query
		each  time.Duration // what it takes to look at a thing
		want  []string
	}{
		"fast":            {sorted, slow / 50, nil},
		"many fast pages": {all, slow / 3, nil},
		"slow": {sorted, slow, []string{
			`level=WARN msg="search: slow"`, ` filter=and(gt(attributes/n,?),not(in(attributes/serial,?)))`, `sort=-attributes/n,+thingId`,
			"plan=entries", "looked=40", "found=40", "worked=40s",
		}},
		"slow pages": {all, slow / 2, []string{` filter="" sort=+thingId`, "plan=everything", "looked=40", "found=40", "worked=20s"}},
	} {
		s := newStand(t)
		s.things(t, "n", 40)
		s.loading = func(string) { s.pass(tc.each) }
		c := s.begin(t, user("s:a"), tc.query)
		for range 21 {
			if ids := c.page(t, 2); len(ids) < 2 {
				break
			}
			s.pass(time.Minute / 2) // which the client takes
		}
		c.Close()
		got := s.log.String()
		for _, want := range tc.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: told %s, without %s", name, got, want)
			}
		}
		if strings.Count(got, "\n") != min(len(tc.want), 1) || strings.Contains(got, "secret") || strings.Contains(got, "7351") || strings.Contains(got, "s:a") {
			t.Errorf("%s: told %s", name, got)
		}
	}
}

// What is told of a filter is bounded.
func TestShapesAreShort(t *testing.T) {
	long := "and(" + strings.Repeat("exists(attributes/é),", 60) + "empty(definition))"
	got := shapeOf(about(t, long).Filter)
	if len(got) > maxShape+len("…") || !strings.HasPrefix(got, "and(exists(attributes/é),exists(") || !strings.HasSuffix(got, "…") {
		t.Errorf("got %q", got)
	}
	if got := shapeOf(nil); got != "" {
		t.Errorf("of none got %q", got)
	}
	if got := shapeOf(about(t, "or(ne(thingId,\"a:b\"),empty(definition))").Filter); got != "or(ne(thingId,?),empty(definition))" {
		t.Errorf("got %q", got)
	}
}
