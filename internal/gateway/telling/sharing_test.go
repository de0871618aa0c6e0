package telling_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// frames notes where the bytes of what it is delivered begin, so that it shows who shares them.
type frames struct {
	audience pubsub.Audience
	all      map[*byte]int
}

func (f *frames) Audience() *pubsub.Audience { return &f.audience }
func (f *frames) Deliver(b wire.Burst)       { f.all[&b.Bytes()[0]]++ }

// However many sessions want the same and may read the same: a signal costs one evaluation and one frame.
func TestEqualWantsShareEvaluationsAndFrames(t *testing.T) {
	const sessions = 1000
	entry := `"e%d":{"subjects":{%s},"resources":{"thing:/":{"grant":[%s],"revoke":[]}%s},"importable":"implicit"}`
	var subjects, owners []string
	for i := range sessions {
		subjects = append(subjects, fmt.Sprintf(`"s:%d":{"type":"t"}`, i))
		owners = append(owners, fmt.Sprintf(`"o:%d":{"type":"t"}`, i))
	}
	policy := fmt.Sprintf(`{"policyId":"ns:p","entries":{`+entry+","+entry+","+entry+`}}`,
		1, `"nginx:ditto":{"type":"t"}`, `"READ","WRITE"`, `,"policy:/":{"grant":["READ","WRITE"],"revoke":[]}`,
		2, strings.Join(subjects, ","), `"READ"`, `,"thing:/attributes/secret":{"grant":[],"revoke":["READ"]}`,
		3, strings.Join(owners, ","), `"READ","WRITE"`, ``)
	one := func(s string) func(int) string { return func(int) string { return s } }
	each := func(format string) func(int) string {
		return func(i int) string { return fmt.Sprintf(format, i) }
	}
	matched, filtered := metrics.EvaluationMatched, metrics.EvaluationFiltered
	for _, tc := range []struct {
		name                    string
		subject, filter, fields func(i int) string
		evaluations             map[metrics.EvaluationResult]int
		frames                  int
	}{
		{"nothing", one("s:1"), one(""), one(""), map[metrics.EvaluationResult]int{}, 1},
		{"the same filter", one("s:1"), one("gt(attributes/a,1)"), one(""), map[metrics.EvaluationResult]int{matched: 1}, 1},
		{"one that does not match", one("s:1"), one("gt(attributes/a,9)"), one(""), map[metrics.EvaluationResult]int{filtered: 1}, 0},
		{"of others with the same rights", each("s:%d"), one("gt(attributes/a,1)"), one(""), map[metrics.EvaluationResult]int{matched: 1}, 1},
		{"with fields", each("s:%d"), one("gt(attributes/a,1)"), one("attributes,_revision"), map[metrics.EvaluationResult]int{matched: 1}, 1},
		{"with the policy, which nobody may read", each("s:%d"), one(""), one("thingId,_policy"), map[metrics.EvaluationResult]int{matched: 1}, 1},
		{"with the feature", each("s:%d"), one(""), one("features/{{feature:id}}"), map[metrics.EvaluationResult]int{matched: 1}, 1},
		{"of those who may write, too", func(i int) string { return fmt.Sprintf("%c:%d", "so"[i%2], i) }, one("gt(attributes/a,1)"), one(""),
			map[metrics.EvaluationResult]int{matched: 1}, 1},
		{"a hundred filters that match", one("s:1"), func(i int) string { return fmt.Sprintf("in(attributes/a,5,%d)", 1000+i%100) }, one(""),
			map[metrics.EvaluationResult]int{matched: 100}, 1},
		{"a hundred filters of others", each("s:%d"), func(i int) string { return fmt.Sprintf("eq(attributes/a,%d)", i%100) }, one(""),
			map[metrics.EvaluationResult]int{matched: 1, filtered: 99}, 1},
		{"a hundred filters with fields", each("s:%d"), func(i int) string { return fmt.Sprintf("in(attributes/a,5,%d)", 1000+i%100) }, one("attributes"),
			map[metrics.EvaluationResult]int{matched: 100}, 1},
		{"a hundred fields", each("s:%d"), one(""), func(i int) string { return fmt.Sprintf("attributes/k%d", i%100) },
			map[metrics.EvaluationResult]int{matched: 100}, 100},
		// What different rights show may be the same, and is one frame then.
		{"of those who see more", func(i int) string { return fmt.Sprintf("%c:%d", "so"[i%2], i) }, one(""), one("attributes/a"),
			map[metrics.EvaluationResult]int{matched: 2}, 1},
		{"and are shown more", func(i int) string { return fmt.Sprintf("%c:%d", "so"[i%2], i) }, one(""), one("attributes"),
			map[metrics.EvaluationResult]int{matched: 2}, 2},
		// Only what depends on the subscriber is found out for each.
		{"for the subscriber", each("s:%d"), one(""), one("attributes/{{request:subjectId|fn:substring-after(':')|fn:default('a')}}"),
			map[metrics.EvaluationResult]int{matched: sessions}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStand(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"secret":0,` +
				textOf(100, ",", func(i int) string { return fmt.Sprintf(`"k%d":%d`, i, i) }) + `}}`)
			s.records[store.Key{Kind: store.Policy, ID: "ns:p"}] = store.Record{Revision: 1, Doc: []byte(policy)}
			all := map[*byte]int{}
			for i := range sessions {
				s.hub.Subscribe(&frames{pubsub.Audience{Subjects: []string{tc.subject(i)}}, all}, wanting(t, tc.filter(i), tc.fields(i)))
			}
			s.send(t, "twin /attributes/a 5")
			if diff := cmp.Diff(tc.evaluations, s.evaluations(t)); diff != "" {
				t.Errorf("evaluations (-want +got):\n%s", diff)
			}
			if len(all) != tc.frames {
				t.Errorf("%d frames, want %d", len(all), tc.frames)
			}
		})
	}
}

// Those who may read all of the thing are one, and so are those who may read nothing of it, whatever else they may do.
func TestMessagesAreJudgedOnce(t *testing.T) {
	s := newStand(lamp, append(entries, "nginx:other +rw / +r message:/", "nginx:courier2 +r message:/")...)
	for _, subject := range []string{all, "nginx:other", some, courier, "nginx:courier2"} {
		for range 10 {
			s.subscribe(t, subject, "ne(attributes/a,5)", "attributes/a")
		}
	}
	s.send(t, "message /inbox/messages/ask")
	if diff := cmp.Diff(map[metrics.EvaluationResult]int{metrics.EvaluationMatched: 3}, s.evaluations(t)); diff != "" {
		t.Error(diff)
	}
}
