package telling_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// However many sessions a user has, and whatever they want: what a signal takes is bounded for each user, and others are told.
func TestWantsOfAUserShareABudget(t *testing.T) {
	list := "[" + textOf(5_000, ",", func(int) string { return "1" }) + "]"
	object := "{" + textOf(3_000, ",", func(i int) string { return fmt.Sprintf(`"key-with-a-long-name-%d":%d`, i, i) }) + "}"
	nested := object
	for range 6 {
		nested = `{"x":` + nested + `}`
	}
	features := "{" + textOf(1_000, ",", func(i int) string { return fmt.Sprintf(`"feature-with-a-long-name-%d":{}`, i) }) + "}"
	for _, tc := range []struct {
		name           string
		filter, fields func(i int) string // of subscription i
		path, value    string
		least, most    int // how many of 500 are served
	}{
		{"terms for many elements", func(i int) string {
			return "or(" + textOf(4, ",", func(k int) string { return fmt.Sprintf("eq(attributes/a,%d)", 100*i+k+2) }) + ")"
		}, nil, "/attributes/a", list, 2, 10},
		{"patterns for long texts", func(i int) string {
			return fmt.Sprintf(`like(attributes/a,"*%sb%d*")`, strings.Repeat("a?", 20), i)
		}, nil, "/attributes/a", `"` + strings.Repeat("a", 50_000) + `"`, 2, 20},
		{"ten terms for a large thing", func(i int) string {
			return "or(" + textOf(10, ",", func(k int) string { return fmt.Sprintf("eq(attributes/a/key%d/x,%d)", k, i) }) + ")"
		}, nil, "/attributes/a", object, 20, 100},
		{"the whole thing", nil, func(i int) string { return fmt.Sprintf("attributes,features/f%d", i) }, "/attributes/a", object, 8, 30},
		{"wildcards", nil, func(i int) string {
			return fmt.Sprintf("features/f%d,", i) + textOf(8, ",", func(k int) string { // more arrangements are no selector
				path := "attributes/a"
				for bit := range 3 {
					path += []string{"/x", "/*"}[k>>bit&1]
				}
				return path + "/x/x/x/y"
			})
		}, "/attributes/a", nested, 1, 8},
		{"placeholders", nil, func(i int) string {
			return fmt.Sprintf("features/f%d,", i) + textOf(50, ",", func(k int) string {
				return fmt.Sprintf("features/{{feature:id}}/properties/p%d", k)
			})
		}, "/features", features, 0, 0},
		{"ordinary ones", func(i int) string {
			return fmt.Sprintf("and(gt(attributes/a,%d),eq(attributes/b,true),like(thingId,\"ns:*\"))", -i)
		},
			func(i int) string { return "attributes/b,_revision" }, "/attributes/a", "5", 500, 500},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStand(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":0,"b":true},"features":{}}`, "nginx:many +r /", "nginx:other +r /")
			text := func(of func(int) string, i int) string {
				if of == nil {
					return ""
				}
				return of(i)
			}
			for i := range 500 {
				s.hub.Subscribe(&deaf{pubsub.Audience{Subjects: []string{"nginx:many", "nginx:group"}}}, wanting(t, text(tc.filter, i), text(tc.fields, i)))
			}
			// Of those who ask the same, one who has work left is not told that somebody else has not.
			other := s.subscribe(t, "nginx:other", text(tc.filter, 499), text(tc.fields, 499))
			plain := s.subscribe(t, "nginx:other", "ne(thingId,1)", "_revision")
			s.send(t, "twin "+tc.path+" "+tc.value)
			results := s.evaluations(t)
			served := results[metrics.EvaluationMatched] + results[metrics.EvaluationFiltered]
			if served < tc.least+1 || served > tc.most+2 {
				t.Errorf("served %d of 500: %v, want %d to %d", served, results, tc.least, tc.most)
			}
			if told := plain.told(); told == "" || strings.Contains(told, "signal.enrichment.failed") {
				t.Errorf("another user was told %q", told)
			}
			if told := other.told(); tc.most > 0 && strings.Contains(told, "signal.enrichment.failed") {
				t.Errorf("another user who wants the same was told %q", told)
			}
		})
	}
}

// What is too much work tells nothing of what may not be read, not even its size.
func TestTooMuchWorkTellsNoSecret(t *testing.T) {
	for _, tc := range []struct{ name, filter, fields string }{
		{"fields", "", "attributes/k%d"},
		{"wildcards", "", "attributes/k%d,attributes/*/b,attributes/a/*,features/*/properties"},
		{"a filter", "eq(attributes/k%d,1)", "attributes"},
		{"placeholders", "", "attributes/k%d,attributes/{{entity:name}}"},
	} {
		served := map[int]map[metrics.EvaluationResult]int{}
		sizes := []int{1, 5_000, 90_000}
		for _, size := range sizes {
			s := newStand(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":{"b":1},"list":[`+
				textOf(2_000, ",", func(int) string { return "2" })+`],"secret":"`+strings.Repeat("x", size)+`"}}`, "nginx:many +r / -r /attributes/secret")
			for i := range 500 {
				number := func(text string) string { return strings.ReplaceAll(text, "%d", fmt.Sprint(i)) }
				s.hub.Subscribe(&deaf{pubsub.Audience{Subjects: []string{"nginx:many"}}}, wanting(t, number(tc.filter), number(tc.fields)))
			}
			s.send(t, "twin /attributes/a/b 2")
			served[size] = s.evaluations(t)
		}
		for _, size := range sizes[1:] {
			if diff := cmp.Diff(served[sizes[0]], served[size]); diff != "" {
				t.Errorf("%s: a secret of %d bytes makes a difference (-without +with):\n%s", tc.name, size, diff)
			}
		}
	}
}

// Who is not told of an event is not told either that there was too little work left for it.
func TestTooLittleWorkTellsNoEvent(t *testing.T) {
	s := newStand(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"secret":2}}`, "nginx:u +r /attributes/a", "nginx:group +r /")
	for i := range 20 {
		s.hub.Subscribe(&deaf{pubsub.Audience{Subjects: []string{"nginx:u", "nginx:group"}}},
			wanting(t, fmt.Sprintf(`like(attributes/secret,"*%sb%d*")`, strings.Repeat("a?", 20), i), ""))
	}
	watcher := s.subscribe(t, "nginx:u", "", "thingId")
	for i := range 20 {
		s.send(t, fmt.Sprintf(`twin /attributes/secret "%s%d"`, strings.Repeat("a", 50_000), i))
	}
	if told := watcher.told(); told != "" {
		t.Errorf("told %q", told)
	}
	if s.evaluations(t)[metrics.EvaluationFailed] == 0 {
		t.Error("there was work enough for all")
	}
}

// That a user has too little left for a want is not what others are told who want the same.
func TestAFailureForLackOfWorkIsNotShared(t *testing.T) {
	s := newStand(`{"thingId":"ns:t","policyId":"ns:p"}`, "nginx:many +r /", "nginx:0 +r /", "nginx:1 +r /", "nginx:2 +r /")
	var others []*listener
	for i := range 3 {
		filter := fmt.Sprintf(`not(or(like(attributes/a,"*%sb%d*"),like(attributes/a,"*%sc*")))`, strings.Repeat("a?", 20), i, strings.Repeat("a?", 40))
		s.hub.Subscribe(&deaf{pubsub.Audience{Subjects: []string{"nginx:many"}}}, wanting(t, filter, ""))
		others = append(others, s.subscribe(t, fmt.Sprintf("nginx:%d", i), filter, ""))
	}
	event := s.signal(t, `twin /attributes/a "`+strings.Repeat("a", 90_000)+`"`)
	for range 100 { // in any order
		s.publish(event)
	}
	for _, other := range others {
		if told := other.told(); !strings.HasPrefix(told, "events /attributes/a ") || strings.Contains(told, "signal.enrichment.failed") {
			t.Fatalf("told %.200q", told)
		}
	}
	if s.evaluations(t)[metrics.EvaluationFailed] == 0 {
		t.Error("there was work enough for all")
	}
}

// A want that takes too much by itself does not take what is left to the others of the user.
func TestAHardWantLeavesWorkToOthers(t *testing.T) {
	s := newStand(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":0}}`, "nginx:w +r /")
	hard := s.subscribe(t, "nginx:w", fmt.Sprintf(`like(attributes/a,"*%sb*")`, strings.Repeat("a?", 500)), "")
	simple := s.subscribe(t, "nginx:w", "exists(attributes/a)", "thingId")
	for i := range 20 {
		s.send(t, fmt.Sprintf(`twin /attributes/a "%s%d"`, strings.Repeat("a", 50_000), i))
		if told := hard.told(); !strings.HasPrefix(told, "500 signal.enrichment.failed") {
			t.Errorf("told %.200q", told)
		}
		if told := simple.told(); !strings.HasSuffix(told, ` + {"thingId":"ns:t"}`) {
			t.Errorf("told %.200q", told)
		}
	}
}

// All of a thing of the largest size may be wanted.
func TestLargeThingsMayBeWanted(t *testing.T) {
	s := newStand(`{"thingId":"ns:t","policyId":"ns:p"}`, "nginx:w +r /")
	s.maxSize = enrich.MaxSize
	watcher := s.subscribe(t, "nginx:w", "and(exists(attributes/z),ne(attributes/a/b,1),gt(attributes/z,0))", "attributes")
	s.send(t, `twin /attributes {"text":"`+strings.Repeat("a", enrich.MaxSize-2000)+`","z":1}`)
	if told := watcher.told(); !strings.Contains(told, ` + {"attributes":{"text":`) {
		t.Errorf("told %.200q", told)
	}
}
