package twin_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/test/slowdisk"
)

// outline returns an event as "action path value".
func outline(t testing.TB, text string) string {
	t.Helper()
	var event struct {
		Topic, Path string
		Value       json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return strings.TrimSpace(event.Topic[strings.LastIndexByte(event.Topic, '/')+1:] + " " + event.Path + " " + string(event.Value))
}

// Everybody is told what they may read of a change, those who may read nothing of it are told nothing, and who made it is not
// told at all.
func TestEventsAreForThoseWhoMayReadThem(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	s.permit(t, "ns:p", everything, "nginx:all +r /", "nginx:some +r /attributes/a +r /features/f", "nginx:most +r / -r /attributes/secret",
		"nginx:writer +w /", "nginx:policy +rw policy:/")
	author := newCaller()
	s.hub.Subscribe(author, nil)
	watchers := map[string]*caller{}
	for _, name := range []string{"all", "some", "most", "writer", "policy", "nobody"} {
		watchers[name] = newCaller("nginx:" + name)
		s.hub.Subscribe(watchers[name], nil)
	}
	watchers["both"] = newCaller("nginx:nobody", "nginx:some")
	s.hub.Subscribe(watchers["both"], nil)
	for _, tc := range []struct {
		command         string
		all, some, most string
	}{
		{`create "path":"/","value":{"policyId":"ns:p","attributes":{"a":1,"secret":{"x":1}}}`,
			`created / {"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"secret":{"x":1}}}`,
			`created / {"thingId":"ns:t","attributes":{"a":1}}`,
			`created / {"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1}}`},
		{`modify "path":"/attributes","value":{"a":2,"b":1,"secret":2}`,
			`modified /attributes {"a":2,"b":1,"secret":2}`, `modified /attributes {"a":2}`, `modified /attributes {"a":2,"b":1}`},
		{`modify "path":"/attributes/a","value":3`, `modified /attributes/a 3`, `modified /attributes/a 3`, `modified /attributes/a 3`},
		{`modify "path":"/attributes/b","value":3`, `modified /attributes/b 3`, "", `modified /attributes/b 3`},
		{`modify "path":"/attributes/secret/x","value":3`, `created /attributes/secret/x 3`, "", ""},
		{`merge "path":"/","value":{"attributes":{"b":null,"secret":null}}`,
			`merged / {"attributes":{"b":null,"secret":null}}`, "", `merged / {"attributes":{"b":null}}`},
		{`modify "path":"/features","value":{"f":{"properties":{"p":1}},"g":{}}`,
			`created /features {"f":{"properties":{"p":1}},"g":{}}`, `created /features {"f":{"properties":{"p":1}}}`,
			`created /features {"f":{"properties":{"p":1}},"g":{}}`},
		{`delete "path":"/features/f"`, `deleted /features/f`, `deleted /features/f`, `deleted /features/f`},
		{`delete "path":"/attributes"`, `deleted /attributes`, "", `deleted /attributes`},
		{`delete "path":"/"`, `deleted /`, "", `deleted /`},
	} {
		action, rest, _ := strings.Cut(tc.command, " ")
		ask(t, s, author, "ns/t/things/twin/commands/"+action, `,"content-type":"application/merge-patch+json"`, rest)
		if got := status(t, <-author.replies); got[0] != '2' {
			t.Fatalf("%s: %s", tc.command, got)
		}
		for name, want := range map[string]string{"all": tc.all, "some": tc.some, "both": tc.some, "most": tc.most, "writer": "", "policy": "", "nobody": ""} {
			if got := strings.Join(watchers[name].told(t), "; "); got != want {
				t.Errorf("%s: %s was told %q, want %q", tc.command, name, got, want)
			}
		}
	}
	if told := author.told(t); len(told) > 0 {
		t.Errorf("the author was told %q", told)
	}
}

// The policy as it is when the event is told counts, not as it was when the command was decided.
func TestEventsFollowThePolicyOfTheirTime(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	author, before, after := newCaller(), newCaller("nginx:before"), newCaller("nginx:after")
	s.hub.Subscribe(before, nil)
	s.hub.Subscribe(after, nil)
	s.permit(t, "ns:p", everything, "nginx:before +r /")
	modify := func(value string) {
		ask(t, s, author, "ns/t/things/twin/commands/modify", "", `"path":"/attributes/a","value":`+value)
	}
	ask(t, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	modify("1")
	author.mustReply(t, "201")
	author.mustReply(t, "201")
	before.told(t)

	release := s.hold(t) // both are decided, and durable, together
	modify("2")
	s.setPolicy(t, "ns:p", everything, "nginx:after +r /attributes")
	release()
	author.mustReply(t, "204")
	if told := before.told(t); len(told) > 0 {
		t.Errorf("who may read no more was told %q", told)
	}
	if diff := cmp.Diff([]string{"modified /attributes/a 2"}, after.told(t)); diff != "" {
		t.Errorf("who may read now (-want +got):\n%s", diff)
	}

	release = s.hold(t)
	modify("3")
	s.setPolicy(t, "ns:p")
	release()
	author.mustReply(t, "204")
	// The policy is gone, but it was there when this happened.
	if diff := cmp.Diff([]string{"modified /attributes/a 3"}, after.told(t)); diff != "" {
		t.Errorf("who could read then (-want +got):\n%s", diff)
	}
	if told := before.told(t); len(told) > 0 {
		t.Errorf("who could not read even then was told %q", told)
	}
}

// As long as a change of the policy is not durable, events follow the policy before it.
func TestEventsDoNotFollowWhatIsNotDurable(t *testing.T) {
	disk := slowdisk.New()
	s := serve(t, disk, "db", settings())
	author, before, after := newCaller(), newCaller("nginx:before"), newCaller("nginx:after")
	s.hub.Subscribe(before, nil)
	s.hub.Subscribe(after, nil)
	s.permit(t, "ns:p", everything, "nginx:before +r /")
	ask(t, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	author.mustReply(t, "201")
	before.told(t)

	release := disk.HoldSyncs()
	defer release()
	ask(t, s, author, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	for s.record(t, store.Thing, "ns:t").Revision == 1 { // until it is applied
		time.Sleep(time.Millisecond)
	}
	changed := s.setPolicy(t, "ns:p", everything, "nginx:after +r /")
	for s.record(t, store.Policy, "ns:p").Revision == 1 {
		time.Sleep(time.Millisecond)
	}
	release()
	author.mustReply(t, "201")
	if err := <-changed.done; err != nil {
		t.Fatal(err)
	}
	if told := before.told(t); len(told) != 1 || len(after.told(t)) != 0 {
		t.Errorf("who could read before was told %q", told)
	}
}

// The policy that the thing had when the command was decided counts for the event that gives it another.
func TestEventOfANewPolicyIDFollowsTheOldPolicy(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	author, old, other := newCaller(), newCaller("nginx:old"), newCaller("nginx:new")
	s.hub.Subscribe(old, nil)
	s.hub.Subscribe(other, nil)
	s.permit(t, "ns:p", everything, "nginx:old +r /")
	s.permit(t, "ns:q", everything, "nginx:new +r /")
	ask(t, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	ask(t, s, author, "ns/t/things/twin/commands/modify", "", `"path":"/policyId","value":"ns:q"`)
	ask(t, s, author, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	for _, want := range []string{"201", "204", "201"} {
		author.mustReply(t, want)
	}
	if diff := cmp.Diff([]string{`created / {"thingId":"ns:t","policyId":"ns:p"}`, `modified /policyId "ns:q"`}, old.told(t)); diff != "" {
		t.Errorf("by the old policy (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`created /attributes {}`}, other.told(t)); diff != "" {
		t.Errorf("by the new policy (-want +got):\n%s", diff)
	}
}

// Several things are each shown as far as their policies allow.
func TestRetrieveThingsIsReduced(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	s.permit(t, "ns:p", everything, "nginx:some +r /attributes/a")
	s.permit(t, "ns:q", everything)
	author, some := newCaller(), newCaller("nginx:some")
	for id, policyID := range map[string]string{"ns/t": "ns:p", "ns/u": "ns:q", "closed/t": "ns:p"} {
		ask(t, s, author, id+"/things/twin/commands/create", "", `"path":"/","value":{"policyId":"`+policyID+`","attributes":{"a":1,"b":2}}`)
		author.mustReply(t, "201")
	}
	some.closed = "closed"
	ask(t, s, some, "_/_/things/twin/commands/retrieve", "", `"path":"/","value":{"thingIds":["closed:t","ns:u","ns:none","ns:t"]}`)
	if reply := some.mustReply(t, "200"); !strings.Contains(reply, `"value":[{"thingId":"ns:t","attributes":{"a":1}}]`) {
		t.Errorf("replied %s", reply)
	}
	ask(t, s, some, "closed/t/things/twin/commands/retrieve", "", `"path":"/"`)
	some.mustReply(t, "403 gateway:namespace.notaccessible")
}

// asking is the account of an event: it asks every audience for its own labels, some with a correlation id of their own.
type asking struct {
	ids   map[pubsub.Subscriber]string
	given []pubsub.Subscriber
}

func (a *asking) Asked(who *pubsub.Audience) pubsub.Delivery { return pubsub.Delivery{Acks: who.Acks} }

func (a *asking) Give(s pubsub.Subscriber, d pubsub.Delivery) pubsub.Delivery {
	a.given = append(a.given, s)
	d.CorrelationID = a.ids[s]
	return d
}

func (*asking) Given() {}

// An event names what its receiver is asked to acknowledge, and the correlation id to do so with. An error in its place asks for
// nothing.
func TestEventsAskForAcknowledgements(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	s.permit(t, "ns:p", everything, "nginx:w +r / -r /attributes/secret")
	author, plain, own, enriched, failed := newCaller(), newCaller("nginx:w"), newCaller("nginx:w"), newCaller("nginx:w"), newCaller("nginx:w")
	for _, w := range []*caller{own, enriched, failed} {
		w.audience.Acks = []string{"a:1", "b:2"}
	}
	s.hub.Subscribe(plain, nil)
	s.hub.Subscribe(own, nil)
	s.hub.Subscribe(enriched, wanting(t, "", "thingId"))
	s.hub.Subscribe(failed, wanting(t, `like(attributes/a,"*`+strings.Repeat("a?", 500)+`b*")`, ""))
	ask(t, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p","attributes":{"a":"`+strings.Repeat("a", 50_000)+`","secret":1}}`)
	author.mustReply(t, "201")
	event, book := *(*s.published.Load())[0], &asking{ids: map[pubsub.Subscriber]string{own: `c"#7`}}
	for _, w := range []*caller{plain, own, enriched, failed} {
		w.told(t) // as nobody was asked
	}
	event.Account = book
	s.hub.Publish([]*pubsub.Signal{&event})
	for _, tc := range []struct {
		name, id string
		who      *caller
		acks     []string
	}{
		{"who declared nothing", "c", plain, []string{}},
		{"with an id of its own", `c"#7`, own, []string{"a:1", "b:2"}},
		{"with fields", "c", enriched, []string{"a:1", "b:2"}},
		{"an error", "c", failed, nil},
	} {
		text := <-tc.who.events
		var told struct {
			Headers struct {
				ID   string   `json:"correlation-id"`
				Acks []string `json:"requested-acks"`
			}
		}
		if err := json.Unmarshal([]byte(text), &told); err != nil {
			t.Fatalf("%.200q: %v", text, err)
		}
		if diff := cmp.Diff(tc.acks, told.Headers.Acks); diff != "" || told.Headers.ID != tc.id || strings.Contains(text, "secret") {
			t.Errorf("%s: %s was told %.300s", tc.name, diff, text)
		}
	}
	if len(book.given) != 3 || slices.Contains(book.given, pubsub.Subscriber(failed)) {
		t.Errorf("%d subscribers were given the event, or one who was told an error", len(book.given))
	}
}
