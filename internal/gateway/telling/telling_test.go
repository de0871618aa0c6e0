package telling_test

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/telling"
	"github.com/twinway/twinway/internal/gateway/thing"
)

const (
	lamp = `{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"b":{"c":2},"secret":3},"features":{"f":{"properties":{"x":1,"y":2}}}}`

	// Everybody may read messages.
	all     = "nginx:all"     // and all of the thing and the policy
	some    = "nginx:some"    // not the secret
	little  = "nginx:little"  // attribute a
	courier = "nginx:courier" // nothing of the thing
)

var entries = []string{
	all + " +r / +r message:/ +r policy:/", some + " +r / -r /attributes/secret +r message:/", little + " +r /attributes/a +r message:/",
	courier + " +r message:/ +w /",
}

// What a filter is about: an event, or of messages and commands only what is added to them.
func TestWhatFiltersAreAbout(t *testing.T) {
	const (
		message = "message /inbox/messages/ask"
		told    = "messages /inbox/messages/ask"
		command = `command /attributes {"a":6,"secret":7}`
		event   = `event /attributes {"a":6,"secret":7}`
	)
	for _, tc := range []struct{ name, who, signal, filter, fields, want string }{
		{"no filter", all, message, "", "attributes/a", told + ` + {"attributes":{"a":1}}`},
		{"a message tells nothing of the thing", all, message, "exists(attributes/a)", "", ``},
		{"not even which it is", all, message, "exists(thingId)", "", ``},
		{"nor its namespace", all, message, "exists(_namespace)", "", ``},
		{"nor its revision", all, message, "or(exists(_revision),exists(_modified),exists(_created))", "", ``},
		{"so all of it is missing", all, message, `and(ne(attributes/a,1),not(eq(thingId,"ns:t")),not(exists(_revision)))`, "", told},
		{"what is added is there", all, message, "eq(attributes/a,1)", "attributes", told + ` + {"attributes":{"a":1,"b":{"c":2},"secret":3}}`},
		{"and nothing else", all, message, "exists(attributes/b)", "attributes/a", ``},
		{"its id, too", all, message, `eq(thingId,"ns:t")`, "thingId", told + ` + {"thingId":"ns:t"}`},
		{"and its revision", all, message, `and(eq(_revision,7),eq(_namespace,"ns"),lt(_modified,time:now))`, "_revision,_namespace,_modified",
			told + ` + {"_namespace":"ns","_revision":7,"_modified":"2026-03-04T05:05:07Z"}`},
		{"the topic is known", all, message, `and(eq(topic:subject,"ask"),eq(topic:criterion,"messages"),eq(topic:channel,"live"),not(exists(topic:action)))`, "", told},
		{"the resource", all, message, `and(eq(resource:path,"/inbox/messages/ask"),eq(resource:type,"message"))`, "", told},
		{"the entity", all, message, `and(eq(entity:id,"ns:t"),eq(entity:namespace,"ns"),eq(entity:name,"t"))`, "", told},
		{"another subject", all, message, `eq(topic:subject,"tell")`, "", ``},
		{"the feature", all, "message /features/f/outbox/messages/ask", "", "features/{{feature:id}}/properties/x",
			`messages /features/f/outbox/messages/ask + {"features":{"f":{"properties":{"x":1}}}}`},
		{"its headers", all, message, "", "attributes/{{header:correlation-id|fn:replace('c','a')}}", told + ` + {"attributes":{"a":1}}`},
		{"it has no revision", all, message, "", "attributes/{{header:entity-revision}}", told},

		{"the value of a command is none of the thing", all, command, "or(eq(attributes/a,6),exists(thingId))", "", ``},
		{"what is added is there, as it was before", all, command, "eq(attributes/a,1)", "attributes/a", `commands /attributes {"a":6,"secret":7} + {"attributes":{"a":1}}`},
		{"topic and path are", all, command, `and(eq(topic:action,"modify"),eq(resource:path,"/attributes"),eq(resource:type,"thing"))`, "",
			`commands /attributes {"a":6,"secret":7}`},
		{"features of its value", all, `command /features {"f":{}}`, "", "features/{{feature:id}}/properties/x", `commands /features {"f":{}} + {"features":{"f":{"properties":{"x":1}}}}`},

		{"the value of an event is there", all, event, "eq(attributes/a,6)", "", `events /attributes {"a":6,"secret":7}`},
		{"more than what is added", all, event, "and(eq(attributes/a,6),eq(attributes/b/c,2))", "attributes/a,attributes/b",
			`events /attributes {"a":6,"secret":7} + {"attributes":{"a":1,"b":{"c":2}}}`},
		{"so is the id", all, event, `and(eq(thingId,"ns:t"),eq(_namespace,"ns"))`, "", `events /attributes {"a":6,"secret":7}`},
		{"and its own revision", all, event, "eq(_revision,3)", "_revision", `events /attributes {"a":6,"secret":7} + {"_revision":7}`},
		{"which is a header", all, event, "", "attributes/{{header:entity-revision|fn:replace('3','a')}}", `events /attributes {"a":6,"secret":7} + {"attributes":{"a":1}}`},
		{"but no times that it does not tell", all, event, "or(exists(_created),exists(_modified))", "", ``},
		{"unless they are added", all, event, "exists(_modified)", "_modified", `events /attributes {"a":6,"secret":7} + {"_modified":"2026-03-04T05:05:07Z"}`},
		{"what a patch removes is not there", all, `merged /attributes {"a":null}`, "exists(attributes/a)", "", ``},
		{"what may not be read is not", some, event, "exists(attributes/secret)", "attributes", ``},
		{"nor told by its absence", some, event, "not(exists(attributes/secret))", "", `events /attributes {"a":6}`},
		{"the rest is", little, event, "eq(attributes/a,6)", "_revision", `events /attributes {"a":6} + {"_revision":7}`},
		{"nothing of it", little, `event /attributes {"secret":7}`, "ne(attributes/a,6)", "attributes", ``},

		{"the state after an event of the twin", all, `twin /attributes/a 6`, `and(eq(attributes/a,6),eq(_revision,8),exists(_created))`, "attributes(a,b)",
			`events /attributes/a 6 + {"attributes":{"a":6,"b":{"c":2}}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStand(lamp, entries...)
			l := s.subscribe(t, tc.who, tc.filter, tc.fields)
			s.send(t, tc.signal)
			if got := l.told(); got != tc.want {
				t.Errorf("told %q\nwant %q", got, tc.want)
			}
		})
	}
}

// What is added is what may be read of the thing, whoever is told the signal itself.
func TestFieldsAreWhatMayBeRead(t *testing.T) {
	const fields = "thingId,policyId,_revision,attributes,_policy"
	for _, tc := range []struct {
		name, who string
		state     func(*thing.State) *thing.State
		want      string
	}{
		{"all", all, nil, ` + {"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"b":{"c":2},"secret":3},"_revision":7,"_policy":`},
		{"some", some, nil, ` + {"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"b":{"c":2}},"_revision":7}`},
		{"little", little, nil, ` + {"thingId":"ns:t","attributes":{"a":1},"_revision":7}`},
		{"nothing, not even which it is", courier, nil, ``},
		{"nothing of what is not there", all, func(*thing.State) *thing.State { return nil }, ``},
		{"nor of what is gone", all, func(s *thing.State) *thing.State {
			return &thing.State{Revision: s.Revision, Created: s.Created, Modified: s.Modified, Deleted: true}
		}, ``},
	} {
		for _, filter := range []string{"", `eq(topic:subject,"ask")`} {
			s := newStand(lamp, entries...)
			if tc.state != nil {
				s.state = tc.state(s.state)
			}
			l := s.subscribe(t, tc.who, filter, fields)
			s.send(t, "message /inbox/messages/ask")
			got, want := l.told(), "messages /inbox/messages/ask"+tc.want
			if !strings.HasPrefix(got, want) || tc.who != all && got != want {
				t.Errorf("%s: told %q\nwant %q", tc.name, got, want)
			}
		}
	}
}

// What a filter says of a thing of which nothing may be read tells nothing of it.
func TestFiltersOfTheBlind(t *testing.T) {
	for filter, want := range map[string]string{
		"exists(_revision)": "", "eq(attributes/a,1)": "", `eq(thingId,"ns:t")`: "", "ne(attributes/a,1)": "messages /inbox/messages/ask",
	} {
		s := newStand(lamp, entries...)
		blind, seeing := s.subscribe(t, courier, filter, "thingId,attributes,_revision"), s.subscribe(t, all, filter, "thingId,attributes,_revision")
		s.send(t, "message /inbox/messages/ask")
		if got := blind.told(); got != want {
			t.Errorf("%s: told %q, want %q", filter, got, want)
		}
		if told := seeing.told() != ""; told == (want != "") {
			t.Errorf("%s: who may read the thing was told: %t", filter, told)
		}
	}
}

// Where the fields come from a policy of which nothing is known, nothing may be read of them.
func TestFieldsOfAnotherPolicy(t *testing.T) {
	s := newStand(lamp, entries...)
	l := s.subscribe(t, all, "", "thingId,attributes")
	b := s.signal(t, "event /attributes/a 6")
	b.facts.PolicyID = "ns:p"
	s.publish(b)
	if got, want := l.told(), `events /attributes/a 6 + {"thingId":"ns:t","attributes":{"a":1,"b":{"c":2},"secret":3}}`; got != want {
		t.Errorf("under the same policy: told %q, want %q", got, want)
	}
	b = s.signal(t, "event /attributes/a 6")
	b.facts.PolicyID = "ns:before"
	s.publish(b)
	if got, want := l.told(), `events /attributes/a 6`; got != want {
		t.Errorf("under another: told %q, want %q", got, want)
	}
}

// The policy is added for who may read it, as it looks to them; the rules about namespaces hold for it, too.
func TestExtraPolicy(t *testing.T) {
	s := newStand(lamp, "nginx:reader +r / +r policy:/", "nginx:part +r / +r policy:/entries/e1", "nginx:none +r /")
	listeners := map[string]*listener{}
	for _, name := range []string{"reader", "part", "none", "closed"} {
		l := &listener{audience: pubsub.Audience{Subjects: []string{"nginx:" + strings.Replace(name, "closed", "reader", 1)}}}
		w := wanting(t, "", "thingId,_policy")
		if name == "closed" {
			w.Policies = func(namespace string) bool { return namespace != "ns" }
		}
		s.hub.Subscribe(l, w)
		listeners[name] = l
	}
	s.send(t, "event /attributes/a 6")
	const none = `events /attributes/a 6 + {"thingId":"ns:t"}`
	for name, want := range map[string]string{"reader": `"entries":{"e0":`, "part": `"_policy":{"policyId":"ns:p","entries":{"e1":`, "none": none, "closed": none} {
		got := listeners[name].told()
		if !strings.Contains(got, want) || strings.Contains(got, "_policy") != (want != none) {
			t.Errorf("%s was told %s, want %s", name, got, want)
		}
	}
}

// What cannot be applied is told in place of the signal, and says so.
func TestFailuresStandForTheSignal(t *testing.T) {
	s := newStand(lamp, entries...)
	hard := "or(" + textOf(15, ",", func(int) string { return `like(attributes/a,"*` + strings.Repeat("a?", 20) + `b*")` }) + ")"
	value := "event /attributes/a " + quoted(strings.Repeat("a", 90_000))
	l, plain := s.subscribe(t, all, hard, ""), s.subscribe(t, all, "exists(attributes/a)", "")
	s.send(t, value)
	if got := l.told(); !strings.HasPrefix(got, "500 signal.enrichment.failed: To apply the filters") {
		t.Errorf("told %.200q", got)
	}
	if got := plain.told(); !strings.HasPrefix(got, `events /attributes/a "aaa`) {
		t.Errorf("somebody else was told %.200q", got)
	}

	b := s.signal(t, value)
	a := &pubsub.Audience{Subjects: []string{all}}
	for filter, substitute := range map[string]bool{hard: true, "exists(attributes/a)": false} {
		v := b.View(a, wanting(t, filter, "thingId"))
		if _, is := v.(pubsub.Substitute); is != substitute {
			t.Errorf("the view stands for the signal: %t, want %t", is, substitute)
		}
		if shown, extra, err := telling.Open(v); (err != nil) != substitute || (extra != nil) == substitute || (shown == telling.Whole) == substitute {
			t.Errorf("it is %v, %s and %v", shown, extra, err)
		}
	}
}

// The error is told with the headers of the signal. Who is told it is asked for nothing.
func TestFailuresAskForNothing(t *testing.T) {
	var env protocol.Envelope
	if err := protocol.Decode([]byte(`{"topic":"ns/t/things/twin/commands/modify","headers":{"correlation-id":"c","requested-acks":["my:ack"],"x":"y"},"path":"/"}`), &env); err != nil {
		t.Fatal(err)
	}
	text := string(telling.AppendFailure([]byte("_"), env.Topic, &env.Headers, "nginx:ann", protocol.ErrEnrichmentFailed("ns:t", "Why.")))
	if !strings.HasPrefix(text, `_{"topic":"ns/t/things/twin/errors"`) || strings.Contains(text, "requested-acks") ||
		!strings.Contains(text, `"correlation-id":"c"`) || !strings.Contains(text, `"x":"y"`) || !strings.Contains(text, `"ditto-originator":"nginx:ann"`) {
		t.Errorf("told %s", text)
	}
	if !env.Headers.Has(protocol.HeaderRequestedAcks) {
		t.Error("the signal has lost what it asks for")
	}
}

// A plain view is what it is.
func TestOpenOfPlainViews(t *testing.T) {
	for _, plain := range []pubsub.View{telling.Whole, telling.Reduced{}, nil} {
		if v, extra, err := telling.Open(plain); v != plain || extra != nil || err != nil {
			t.Errorf("%v opens to %v, %s and %v", plain, v, extra, err)
		}
	}
}
