package twin_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Publish implements engine.Publisher.
func (s *stand) Publish(signals []*pubsub.Signal) {
	kept := slices.Clone(signals)
	s.published.Store(&kept)
	s.hub.Publish(signals)
}

// wanting returns a want with a filter and extra fields, "" for none.
func wanting(t testing.TB, filter, fields string) *pubsub.Want {
	t.Helper()
	w := &pubsub.Want{}
	if filter != "" {
		var err error
		if w.Filter, err = rql.CompileSignal(filter); err != nil {
			t.Fatal(filter, err)
		}
	}
	if fields != "" {
		extra, err := enrich.Parse(fields)
		if err != nil {
			t.Fatal(fields, err)
		}
		w.Extra = extra
	}
	return w
}

// enrichedOutline returns an event as "action path value + extra", and what is told in its place as "status code".
func enrichedOutline(t testing.TB, text string) string {
	t.Helper()
	var event struct {
		Status int
		Extra  json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	switch {
	case event.Status != 0:
		return status(t, text)
	case event.Extra != nil:
		return outline(t, text) + " + " + string(event.Extra)
	}
	return outline(t, text)
}

func (c *caller) toldWithExtra(t testing.TB) (all []string) {
	t.Helper()
	for len(c.events) > 0 {
		all = append(all, enrichedOutline(t, <-c.events))
	}
	return all
}

// evaluations returns how often parameters of subscriptions were applied to events since the gateway has started, by result.
func (s *stand) evaluations(t testing.TB) map[metrics.EvaluationResult]int {
	t.Helper()
	families, err := s.metrics.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[metrics.EvaluationResult]int{}
	for _, f := range families {
		if f.GetName() != "twinway_subscription_evaluations_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, r := range []metrics.EvaluationResult{metrics.EvaluationMatched, metrics.EvaluationFiltered, metrics.EvaluationFailed} {
				if m.GetLabel()[0].GetValue() == r.String() && m.GetCounter().GetValue() != 0 {
					all[r] = int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return all
}

// What the filter is about is the event and what is added to it, as far as the subscriber may read both.
func TestFilterAndExtraFields(t *testing.T) {
	const (
		create = `create / {"policyId":"ns:p","attributes":{"a":1,"b":{"c":2},"secret":3},"features":{"f":{"properties":{"x":1}},"g":{"properties":{"x":2,"y":3}}}}`
		all    = "nginx:all"
		some   = "nginx:some"   // not the secret
		little = "nginx:little" // attribute a
	)
	for _, tc := range []struct{ name, who, filter, fields, change, want string }{
		{"a filter that matches", all, "gt(attributes/a,5)", "", `modify /attributes/a 6`, `modified /attributes/a 6`},
		{"one that does not", all, "gt(attributes/a,5)", "", `modify /attributes/a 5`, ``},
		{"in an object", all, "eq(attributes/b/c,5)", "", `modify /attributes {"b":{"c":5}}`, `modified /attributes {"b":{"c":5}}`},
		{"what did not change is not there", all, "eq(attributes/a,1)", "", `modify /attributes/b/c 6`, ``},
		{"unless it is added", all, "eq(attributes/a,1)", "attributes/a", `modify /attributes/b/c 6`, `modified /attributes/b/c 6 + {"attributes":{"a":1}}`},
		{"what was added has changed", all, "eq(attributes/a,6)", "attributes/a", `modify /attributes/a 6`, `modified /attributes/a 6 + {"attributes":{"a":6}}`},
		{"what has not is not equal", all, "ne(attributes/a,1)", "", `modify /attributes/b/c 6`, `modified /attributes/b/c 6`},
		{"what a patch removes is not there", all, "exists(attributes/a)", "", `merge /attributes {"a":null,"d":1}`, ``},
		{"what it leaves is, if it is added", all, "and(exists(attributes/secret),not(exists(attributes/a)))", "attributes",
			`merge /attributes {"a":null,"b":null}`, `merged /attributes {"a":null,"b":null} + {"attributes":{"secret":3}}`},
		{"a null that is a value", all, "exists(attributes/a)", "", `modify /attributes/a null`, `modified /attributes/a null`},
		{"a deletion has nothing", all, "exists(attributes/a)", "", `delete /attributes/a`, ``},
		{"but what is added", all, "eq(attributes/b/c,2)", "attributes/b", `delete /attributes/a`, `deleted /attributes/a + {"attributes":{"b":{"c":2}}}`},
		{"the id", all, `eq(thingId,"ns:t")`, "", `modify /attributes/a 6`, `modified /attributes/a 6`},
		{"another id", all, `eq(thingId,"ns:u")`, "", `modify /attributes/a 6`, ``},
		{"the revision", all, `and(eq(_revision,2),eq(_namespace,"ns"),exists(_created),ge(_modified,time:now-1m),lt(_modified,time:now+1m))`, "",
			`modify /attributes/a 6`, `modified /attributes/a 6`},
		{"of what is deleted", all, `and(eq(_revision,2),eq(_namespace,"ns"),eq(thingId,"ns:t"),exists(_modified))`, "attributes", `delete /`, `deleted /`},
		{"the policy is not known", all, "exists(policyId)", "", `modify /attributes/a 6`, ``},
		{"unless it is added, too", all, `eq(policyId,"ns:p")`, "policyId", `modify /attributes/a 6`, `modified /attributes/a 6 + {"policyId":"ns:p"}`},
		{"the topic", all, `and(eq(topic:action,"modified"),eq(topic:full,"ns/t/things/twin/events/modified"),eq(topic:channel,"twin"))`, "",
			`modify /attributes/a 6`, `modified /attributes/a 6`},
		{"another action", all, `in(topic:action-subject,"created","deleted")`, "", `modify /attributes/a 6`, ``},
		{"the resource", all, `like(resource:path,"/features/*")`, "", `modify /features/f/properties/x 6`, `modified /features/f/properties/x 6`},
		{"another resource", all, `like(resource:path,"/features/*")`, "", `modify /attributes/a 6`, ``},
		{"the entity", all, `and(eq(entity:name,"t"),eq(entity:namespace,"ns"),eq(entity:id,"ns:t"),eq(resource:type,"thing"))`, "",
			`modify /attributes/a 6`, `modified /attributes/a 6`},
		{"placeholders that filters do not know", all, `or(exists(thing:id),exists(feature:id))`, "", `modify /features/f/properties/x 6`, ``},

		{"fields", all, "", "thingId,attributes(a,b/c),_revision", `modify /features/f/properties/x 6`,
			`modified /features/f/properties/x 6 + {"thingId":"ns:t","attributes":{"a":1,"b":{"c":2}},"_revision":2}`},
		{"of every feature", all, "", "features/*/properties/x", `modify /features/f/properties/x 6`,
			`modified /features/f/properties/x 6 + {"features":{"f":{"properties":{"x":6}},"g":{"properties":{"x":2}}}}`},
		{"of the feature", all, "", "features/{{feature:id}}/properties/y", `modify /features/g/properties/x 6`,
			`modified /features/g/properties/x 6 + {"features":{"g":{"properties":{"y":3}}}}`},
		{"of none", all, "", "features/{{feature:id}}/properties/y", `modify /attributes/a 6`, `modified /attributes/a 6`},
		{"that are not there", all, "", "attributes/none,_context,_metadata", `modify /attributes/a 6`, `modified /attributes/a 6`},
		{"that are gone", all, "", "attributes/a,attributes/b", `delete /attributes/a`, `deleted /attributes/a + {"attributes":{"b":{"c":2}}}`},
		{"of a thing that is gone", all, "", "attributes,thingId,_policy,_revision", `delete /`, `deleted /`},
		{"for the subscriber", all, "", "attributes/{{request:subjectId|fn:replace('nginx:all','a')}}", `modify /attributes/b 6`,
			`modified /attributes/b 6 + {"attributes":{"a":1}}`},
		{"by a header", all, "", "attributes/{{header:correlation-id}},attributes/b/{{header:correlation-id}}", `modify /attributes/a 6`,
			`modified /attributes/a 6 + {"attributes":{"b":{"c":2}}}`},

		{"what may not be read is not added", some, "", "attributes", `modify /attributes/a 6`, `modified /attributes/a 6 + {"attributes":{"a":6,"b":{"c":2}}}`},
		{"nor looked at", some, "eq(attributes/secret,3)", "attributes", `modify /attributes/a 6`, ``},
		{"nor looked at in the event", some, "eq(attributes/secret,7)", "", `modify /attributes {"a":6,"secret":7}`, ``},
		{"nor told by its absence", some, "ne(attributes/secret,7)", "", `modify /attributes {"a":6,"secret":7}`, `modified /attributes {"a":6}`},
		{"reduced", some, "eq(attributes/a,6)", "attributes", `modify /attributes {"a":6,"secret":7}`, `modified /attributes {"a":6} + {"attributes":{"a":6}}`},
		{"what may not be read at all", some, "ne(attributes/a,9)", "attributes", `modify /attributes/secret 7`, ``},
		{"without anything that may be read", some, "", "attributes/secret", `modify /attributes/a 6`, `modified /attributes/a 6`},
		{"little", little, "", "thingId,policyId,attributes,features,_revision,_policy", `modify /attributes/a 6`,
			`modified /attributes/a 6 + {"thingId":"ns:t","attributes":{"a":6},"_revision":2}`},
		{"features that may not be read", little, "", "attributes/{{feature:id}}", `merge / {"attributes":{"a":6},"features":{"a":{}}}`,
			`merged / {"attributes":{"a":6}}`},
		{"features that may be", all, "", "attributes/{{feature:id}}", `merge / {"attributes":{"a":6},"features":{"a":{}}}`,
			`merged / {"attributes":{"a":6},"features":{"a":{}}} + {"attributes":{"a":6}}`},
		{"nothing of it", little, "", "attributes", `modify /features/f/properties/x 6`, ``},
		{"nobody", "nginx:nobody", "", "attributes", `modify /attributes/a 6`, ``},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, vfs.NewMem(), "db", settings())
			s.permit(t, "ns:p", everything, all+" +r / +r policy:/", some+" +r / -r /attributes/secret", little+" +r /attributes/a")
			author, watcher := newCaller(), newCaller(tc.who)
			change := func(command string) {
				words := strings.SplitN(command, " ", 3)
				value := ""
				if len(words) == 3 {
					value = `,"value":` + words[2]
				}
				ask(t, s, author, "ns/t/things/twin/commands/"+words[0], `,"content-type":"application/merge-patch+json"`, fmt.Sprintf(`"path":%q`, words[1])+value)
				if got := status(t, <-author.replies); got[0] != '2' {
					t.Fatalf("%s: %s", command, got)
				}
			}
			change(create)
			s.hub.Subscribe(watcher, wanting(t, tc.filter, tc.fields))
			change(tc.change)
			if got := strings.Join(watcher.toldWithExtra(t), "; "); got != tc.want {
				t.Errorf("told %q\nwant %q", got, tc.want)
			}
		})
	}
}

// Each event comes with the state after it, and not with what has become of the thing since.
func TestExtraIsTheStateAfterTheEvent(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	s.permit(t, "ns:p", everything, "nginx:w +r /")
	author, watcher := newCaller(), newCaller("nginx:w")
	s.hub.Subscribe(watcher, wanting(t, `ne(attributes/a,2)`, "attributes,_revision"))
	release := s.hold(t)
	ask(t, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	for i := 1; i <= 4; i++ {
		ask(t, s, author, "ns/t/things/twin/commands/modify", "", fmt.Sprintf(`"path":"/attributes/a","value":%d`, i))
	}
	ask(t, s, author, "ns/t/things/twin/commands/delete", "", `"path":"/attributes"`)
	release()
	for range 6 {
		<-author.replies
	}
	want := []string{
		`created / {"thingId":"ns:t","policyId":"ns:p"} + {"_revision":1}`,
		`created /attributes/a 1 + {"attributes":{"a":1},"_revision":2}`,
		`modified /attributes/a 3 + {"attributes":{"a":3},"_revision":4}`,
		`modified /attributes/a 4 + {"attributes":{"a":4},"_revision":5}`,
		`deleted /attributes + {"_revision":6}`,
	}
	if diff := cmp.Diff(want, watcher.toldWithExtra(t)); diff != "" {
		t.Error(diff)
	}
}

// Where an event gives the thing another policy, what is added must be readable under both.
func TestExtraOfAnotherPolicy(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	s.permit(t, "ns:p", everything, "nginx:both +r /", "nginx:old +r /", "nginx:part +r /")
	s.permit(t, "ns:q", everything, "nginx:both +r /", "nginx:new +r /", "nginx:part +r /attributes/a")
	author := newCaller()
	watchers := map[string]*caller{}
	for _, name := range []string{"both", "old", "new", "part"} {
		watchers[name] = newCaller("nginx:" + name)
		s.hub.Subscribe(watchers[name], wanting(t, `ne(attributes/a,9)`, "attributes,_revision"))
	}
	ask(t, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p","attributes":{"a":1,"b":2}}`)
	author.mustReply(t, "201")
	for _, w := range watchers {
		w.told(t)
	}
	for _, step := range []struct {
		change string
		want   map[string]string
	}{
		{`"path":"/policyId","value":"ns:q"`, map[string]string{
			"both": `modified /policyId "ns:q" + {"attributes":{"a":1,"b":2},"_revision":2}`, "old": `modified /policyId "ns:q" + {"_revision":2}`,
			"part": `modified /policyId "ns:q" + {"attributes":{"a":1},"_revision":2}`,
		}},
		{`"path":"/attributes/a","value":3`, map[string]string{
			"both": `modified /attributes/a 3 + {"attributes":{"a":3,"b":2},"_revision":3}`, "new": `modified /attributes/a 3 + {"attributes":{"a":3,"b":2},"_revision":3}`,
			"part": `modified /attributes/a 3 + {"attributes":{"a":3},"_revision":3}`,
		}},
		{`"path":"/","value":{"policyId":"ns:p","attributes":{"a":4}}`, map[string]string{
			"both": `modified / {"thingId":"ns:t","policyId":"ns:p","attributes":{"a":4}} + {"attributes":{"a":4},"_revision":4}`,
			"part": `modified / {"thingId":"ns:t","attributes":{"a":4}} + {"attributes":{"a":4},"_revision":4}`,
		}},
		// A policy that is not there shows nothing.
		{`"path":"/policyId","value":"ns:none"`, map[string]string{
			"both": `modified /policyId "ns:none" + {"_revision":5}`, "old": `modified /policyId "ns:none" + {"_revision":5}`, "part": `modified /policyId "ns:none" + {"_revision":5}`,
		}},
	} {
		ask(t, s, author, "ns/t/things/twin/commands/modify", "", step.change)
		author.mustReply(t, "204")
		for name, w := range watchers {
			if got := strings.Join(w.toldWithExtra(t), "; "); got != step.want[name] {
				t.Errorf("%s: %s was told\n%q, want\n%q", step.change, name, got, step.want[name])
			}
		}
	}
}

// What cannot be applied to an event is not lost without a word.
func TestFailuresAreTold(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	s.permit(t, "ns:p", everything, "nginx:w +r /")
	author := newCaller()
	ask(t, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	author.mustReply(t, "201")
	var patterns, features []string
	for range 15 {
		patterns = append(patterns, `like(attributes/a,"*`+strings.Repeat("a?", 20)+`b*")`)
	}
	for i := range enrich.MaxEntries + 1 {
		features = append(features, fmt.Sprintf(`"%x":{}`, i))
	}
	hard, many, simple := newCaller("nginx:w"), newCaller("nginx:w"), newCaller("nginx:w")
	s.hub.Subscribe(hard, wanting(t, "or("+strings.Join(patterns, ",")+")", ""))
	s.hub.Subscribe(many, wanting(t, "", "features/{{feature:id}}/properties"))
	s.hub.Subscribe(simple, wanting(t, "exists(attributes/a)", "thingId"))
	modify := func(path, value string) {
		ask(t, s, author, "ns/t/things/twin/commands/modify", "", fmt.Sprintf(`"path":%q,"value":%s`, path, value))
		author.mustReply(t, "201")
	}
	modify("/attributes/a", `"`+strings.Repeat("a", 90_000)+`"`)
	reply := <-hard.events
	if got := status(t, reply); got != "500 signal.enrichment.failed" || !strings.Contains(reply, `"topic":"ns/t/things/twin/errors"`) ||
		!strings.Contains(reply, `"correlation-id":"c"`) || !strings.Contains(reply, "takes too much work") {
		t.Errorf("told %s", reply)
	}
	if len(many.toldWithExtra(t)) != 1 || len(simple.toldWithExtra(t)) != 1 {
		t.Error("others were told something else")
	}
	if diff := cmp.Diff(map[metrics.EvaluationResult]int{metrics.EvaluationFailed: 1, metrics.EvaluationMatched: 2}, s.evaluations(t)); diff != "" {
		t.Error(diff)
	}
	ask(t, s, author, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	author.mustReply(t, "204")
	many.told(t)
	modify("/features", "{"+strings.Join(features, ",")+"}")
	reply = <-many.events
	if got := status(t, reply); got != "500 signal.enrichment.failed" || !strings.Contains(reply, "Placeholders in the extra fields") {
		t.Errorf("told %s", reply)
	}
	// The subscriptions go on.
	ask(t, s, author, "ns/t/things/twin/commands/modify", "", `"path":"/features","value":{"f":{"properties":{}}}`)
	author.mustReply(t, "204")
	if diff := cmp.Diff([]string{`modified /features {"f":{"properties":{}}} + {"features":{"f":{"properties":{}}}}`}, many.toldWithExtra(t)); diff != "" {
		t.Error(diff)
	}
}
