package twin_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/test/slowdisk"
)

// join returns somebody who takes part in what the broker keeps, until the end of the test. It has declared the labels.
func (s *stand) join(t testing.TB, subject string, labels ...string) *caller {
	t.Helper()
	c := newCaller(subject)
	c.audience.Acks, c.party = labels, s.broker.NewParty()
	t.Cleanup(c.party.End)
	for _, label := range labels {
		s.declared.Store(label, true)
	}
	return c
}

// acknowledge sends an acknowledgement to the signal that somebody was given last, as it was asked for.
func (c *caller) acknowledge(t testing.TB, s *stand, label string, rest string) {
	t.Helper()
	event := envelopeOf(t, <-c.events)
	var env protocol.Envelope
	text := fmt.Sprintf(`{"topic":"%s/things/twin/acks/%s","headers":{"correlation-id":%s},"path":"/",%s}`,
		strings.Join(strings.Split(event.Topic, "/")[:2], "/"), label, event.Headers["correlation-id"], rest)
	if err := protocol.Decode([]byte(text), &env); err != nil {
		t.Fatal(err.Message)
	}
	if err := s.broker.Acknowledge(c, &env); err != nil {
		t.Fatal(err.Message)
	}
}

// envelope is what somebody was sent.
type envelope struct {
	Topic   string
	Headers map[string]json.RawMessage
	Path    string
	Value   json.RawMessage
	Status  int
}

func envelopeOf(t testing.TB, text string) (e envelope) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return e
}

// brief says in a line what somebody was answered: "408 command.timeout", "201" or, of acknowledgements, "acks 424 my:ack=500
// twin-persisted=204". A weak one is "my:ack=200 weak", one that says why it is missing "my:ack=408 code".
func brief(t testing.TB, text string) string {
	t.Helper()
	e := envelopeOf(t, text)
	if !strings.HasSuffix(e.Topic, "/acks") {
		return status(t, text)
	}
	var acks map[string]struct {
		Status  int
		Payload json.RawMessage
		Headers map[string]any
	}
	if err := json.Unmarshal(e.Value, &acks); err != nil {
		t.Fatal(err)
	}
	words := []string{fmt.Sprintf("acks %d", e.Status)}
	for _, label := range slices.Sorted(maps.Keys(acks)) {
		a := acks[label]
		word := fmt.Sprintf("%s=%d", label, a.Status)
		var failed struct{ Error string }
		if json.Unmarshal(a.Payload, &failed) == nil && failed.Error != "" {
			word += " " + failed.Error
		}
		if a.Headers["ditto-weak-ack"] == true {
			word += " weak"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// mustAnswer checks what somebody is answered that has waited, and that it was given its place back, once.
func (c *caller) mustAnswer(t testing.TB, want string) (answer string) {
	t.Helper()
	answer = <-c.answers
	if got := brief(t, answer); got != want {
		t.Errorf("answered %s, want %s: %s", got, want, answer)
	}
	if got := <-c.replies; got != "" {
		t.Errorf("replied %s, besides the answer", got)
	}
	return answer
}

// settled checks at the end of a test that everybody was answered once, and that nothing is waited for.
func (s *stand) settled(t testing.TB, callers ...*caller) {
	t.Helper()
	s.engine.Close() // completes everything
	for _, c := range callers {
		if len(c.replies)+len(c.answers) > 0 {
			t.Errorf("%q has %d more replies and %d more answers", c.audience.Subjects, len(c.replies), len(c.answers))
		}
	}
	if s.broker.Waits() != 0 || s.broker.Dues() != 0 {
		t.Errorf("there are %d waits and %d dues", s.broker.Waits(), s.broker.Dues())
	}
}

func requesting(labels ...string) string {
	list, _ := json.Marshal(labels)
	return `,"requested-acks":` + string(list)
}

// What is answered at once, by a service without anybody who has declared a label.
func TestAcknowledgementsOfTheServer(t *testing.T) {
	const found = "search-persisted=204"
	for _, tc := range []struct {
		name, headers, want string
		waits               bool
	}{
		{"nothing said", "", "201", false},
		{"an empty list", `,"requested-acks":[]`, "201", false},
		{"the usual one", requesting("twin-persisted"), "201", false},
		{"what a device gives", requesting("live-response"), "201", false},
		{"the usual one, twice", requesting("twin-persisted", "twin-persisted"), "201", false},
		{"search", requesting("search-persisted"), "acks 204 " + found, true},
		{"both", requesting("search-persisted", "twin-persisted"), "acks 200 " + found + " twin-persisted=201", true},
		{"both, and what a device gives", requesting("live-response", "search-persisted", "twin-persisted"),
			"acks 200 " + found + " twin-persisted=201", true},
		{"what nobody declares", requesting("my:ack") + `,"timeout":"30ms"`, "acks 408 my:ack=408 acknowledgement:request.timeout", true},
		{"what nobody declares, and the usual one", requesting("my:ack", "twin-persisted") + `,"timeout":"1s"`,
			"acks 424 my:ack=408 acknowledgement:request.timeout twin-persisted=201", true},
		{"without a response", requesting("my:ack") + `,"response-required":false`, "400 header.invalid", false},
		{"in no time", requesting("my:ack") + `,"timeout":0`, "400 header.invalid", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, vfs.NewMem(), "db", settings())
			c := s.join(t, "nginx:ditto")
			ask(t, s, c, createThing, tc.headers, create)
			if tc.waits {
				c.mustAnswer(t, tc.want)
			} else {
				c.mustReply(t, tc.want)
			}
			if created := tc.want[0] != '4'; s.exists(t, store.Thing, "ns:t") != created {
				t.Errorf("created: %t, want %t", !created, created)
			}
			s.settled(t, c)
		})
	}
}

const (
	modifyThing = "ns/t/things/twin/commands/modify"
	one         = `"path":"/attributes/a","value":1`
	weakly      = "=200 weak"
)

// room is a service with the thing ns:t, whose owner has no part in its policy but writing, and who may read it.
func room(t *testing.T, readers ...string) (*stand, *caller) {
	t.Helper()
	s := serve(t, vfs.NewMem(), "db", settings())
	entries := []string{everything}
	for _, reader := range readers {
		entries = append(entries, reader+" +r /")
	}
	s.permit(t, "ns:p", entries...)
	owner := s.join(t, "nginx:ditto")
	ask(t, s, owner, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	owner.mustReply(t, "201")
	return s, owner
}

// Who has declared a label is shown that it is asked for, and whoever asked is told what they say to it.
func TestSubscribersAcknowledge(t *testing.T) {
	for _, tc := range []struct {
		name, requested, first, second, want string
	}{
		{"with success", `"my:ack","twin-persisted"`, `"status":200`, "", "acks 200 my:ack=200 twin-persisted=201"},
		{"without success", `"my:ack","twin-persisted"`, `"status":503`, "", "acks 424 my:ack=503 twin-persisted=201"},
		{"alone", `"my:ack"`, `"status":204`, "", "acks 204 my:ack=204"},
		{"alone, without success", `"my:ack"`, `"status":404,"value":{"error":"own:error"}`, "", "acks 404 my:ack=404 own:error"},
		{"both", `"my:ack","your:ack"`, `"status":200`, `"status":201`, "acks 200 my:ack=200 your:ack=201"},
		{"one of two", `"my:ack","your:ack"`, `"status":200`, `"status":400`, "acks 424 my:ack=200 your:ack=400"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, owner := room(t, "nginx:first", "nginx:second", "nginx:third")
			first, second := s.join(t, "nginx:first", "my:ack", "other:ack"), s.join(t, "nginx:second", "your:ack")
			third := newCaller("nginx:third")
			for _, c := range []*caller{first, second, third} {
				s.hub.Subscribe(c, nil)
			}
			ask(t, s, owner, modifyThing, `,"requested-acks":[`+tc.requested+`]`, one)
			for c, want := range map[*caller]string{first: `["my:ack"]`, second: `["your:ack"]`, third: `[]`} {
				if c == second && tc.second == "" {
					want = `[]`
				}
				event := <-c.events
				if got := string(envelopeOf(t, event).Headers["requested-acks"]); got != want {
					t.Errorf("%s is asked for %s, want %s", c.audience.Subjects, got, want)
				}
				c.events <- event
			}
			if len(owner.answers) > 0 {
				t.Errorf("answered before everybody was heard: %s", <-owner.answers)
			}
			first.acknowledge(t, s, "my:ack", tc.first)
			if tc.second != "" {
				second.acknowledge(t, s, "your:ack", tc.second)
			}
			owner.mustAnswer(t, tc.want)
			s.settled(t, owner)
		})
	}
}

// Those who have declared a label and are not given the event are not waited for.
func TestWeakAcknowledgements(t *testing.T) {
	for name, subscribe := range map[string]func(t *testing.T, s *stand, owner *caller){
		"who has not subscribed": func(t *testing.T, s *stand, _ *caller) { s.join(t, "nginx:reader", "my:ack") },
		"who may not read it": func(t *testing.T, s *stand, _ *caller) {
			s.hub.Subscribe(s.join(t, "nginx:stranger", "my:ack"), nil)
		},
		"who filters it out": func(t *testing.T, s *stand, _ *caller) {
			s.hub.Subscribe(s.join(t, "nginx:reader", "my:ack"), wanting(t, "eq(attributes/a,2)", ""))
		},
		"who wants other namespaces": func(t *testing.T, s *stand, _ *caller) {
			s.hub.Subscribe(s.join(t, "nginx:reader", "my:ack"), &pubsub.Want{Namespaces: []string{"org.other"}})
		},
		"who has caused it": func(t *testing.T, s *stand, owner *caller) {
			owner.audience.Acks = []string{"my:ack"}
			s.declared.Store("my:ack", true)
			s.hub.Subscribe(owner, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, owner := room(t, "nginx:reader")
			subscribe(t, s, owner)
			ask(t, s, owner, modifyThing, requesting("my:ack"), one)
			owner.mustAnswer(t, "acks 200 my:ack"+weakly)
			ask(t, s, owner, modifyThing, requesting("twin-persisted", "my:ack"), one)
			owner.mustAnswer(t, "acks 200 my:ack"+weakly+" twin-persisted=204")
			s.settled(t, owner)
		})
	}
}

// A command that comes to nothing is answered with that, and nobody is asked to acknowledge it.
func TestFailuresAreNotAcknowledged(t *testing.T) {
	for _, tc := range []struct{ topic, headers, rest, want string }{
		{modifyThing, "", `"path":"/features/f/properties/p","value":1`, "404 things:feature.notfound"},
		{modifyThing, `,"condition":"eq(attributes/a,1)"`, one, "412 things:condition.failed"},
		{modifyThing, `,"if-match":"\"rev:7\""`, one, "412 things:precondition.failed"},
		{"ns/t/things/twin/commands/delete", "", `"path":"/attributes/a"`, "404 things:attribute.notfound"},
		{"ns/u/things/twin/commands/delete", "", `"path":"/"`, "404 things:thing.notfound"},
		{createThing, "", create, "409 things:thing.conflict"},
		{"ns/secret/things/twin/commands/modify", "", one, "403 things:attribute.notmodifiable"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			s, owner := room(t, "nginx:reader")
			s.permit(t, "ns:secret", "nginx:other +rw /", "nginx:ditto +r /", "nginx:reader +r /")
			doc := `{"thingId":"ns:secret","policyId":"ns:secret"}`
			if err := <-s.submit(t, &raw{key: store.Key{Kind: store.Thing, ID: "ns:secret"}, write: true, doc: doc}).done; err != nil {
				t.Fatal(err)
			}
			device := s.join(t, "nginx:reader", "my:ack")
			s.hub.Subscribe(device, nil)
			ask(t, s, owner, tc.topic, tc.headers+requesting("my:ack", "twin-persisted", "search-persisted"), tc.rest)
			answer := envelopeOf(t, owner.mustAnswer(t, tc.want))
			if id := string(answer.Headers["correlation-id"]); id != `"c"` || !strings.HasSuffix(answer.Topic, "/things/twin/errors") {
				t.Errorf("answered on %s to %s", answer.Topic, id)
			}
			if told := device.told(t); len(told) > 0 {
				t.Errorf("somebody was told %q", told)
			}
			s.settled(t, owner)
		})
	}
}

// What is wrong with a message is told at once, and nothing is waited for.
func TestRefusalsAreNotWaitedFor(t *testing.T) {
	s, owner := room(t)
	owner.closed = "org.closed"
	for _, tc := range []struct{ topic, rest, want string }{
		{modifyThing, `"path":"/nowhere","value":1`, "400 protocoladapter:unknown.path"},
		{"org.closed/t/things/twin/commands/modify", one, "403 gateway:namespace.notaccessible"},
	} {
		ask(t, s, owner, tc.topic, requesting("my:ack"), tc.rest)
		owner.mustReply(t, tc.want)
	}
	ask(t, s, owner, "ns/t/things/twin/commands/retrieve", requesting("my:ack", "twin-persisted"), `"path":"/attributes"`)
	owner.mustReply(t, "404 things:attributes.notfound")
	s.settled(t, owner)
}

// That something was stored is told in an acknowledgement as in the response to the same command.
func TestTwinPersistedIsTheResponse(t *testing.T) {
	for _, tc := range []struct{ name, action, headers, rest string }{
		{"create", "create", "", `"path":"/","value":{"policyId":"ns:p","attributes":{"a":1}}`},
		{"modify that creates a part", "modify", "", `"path":"/attributes/b","value":[1]`},
		{"modify", "modify", `,"own":"header"`, `"path":"/attributes/b","value":2`},
		{"modify that creates a thing", "modify", "", `"path":"/","value":{"policyId":"ns:p"}`},
		{"merge", "merge", `,"content-type":"application/merge-patch+json"`, `"path":"/attributes","value":{"b":5}`},
		{"delete", "delete", "", `"path":"/attributes/b"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, owner := room(t)
			both := func(topic, headers, rest string) {
				for _, name := range []string{"x", "y"} {
					ask(t, s, owner, "ns/"+name+"/things/twin/commands/"+topic, headers, rest)
					owner.mustReply(t, "201")
				}
			}
			if !strings.Contains(tc.rest, "policyId") {
				both("create", "", `"path":"/","value":{"policyId":"ns:p","attributes":{"a":1}}`)
			}
			if tc.name != "modify that creates a part" && !strings.Contains(tc.rest, "policyId") {
				both("modify", "", `"path":"/attributes/b","value":0`)
			}
			ask(t, s, owner, "ns/x/things/twin/commands/"+tc.action, tc.headers, tc.rest)
			response := envelopeOf(t, <-owner.replies)
			ask(t, s, owner, "ns/y/things/twin/commands/"+tc.action, tc.headers+requesting("search-persisted", "twin-persisted"), tc.rest)
			acks := envelopeOf(t, <-owner.answers)
			<-owner.replies
			var told map[string]struct {
				Status  int
				Payload json.RawMessage
				Headers map[string]json.RawMessage
			}
			if err := json.Unmarshal(acks.Value, &told); err != nil {
				t.Fatal(err)
			}
			got := told["twin-persisted"]
			want := strings.ReplaceAll(string(response.Value), "ns:x", "ns:y")
			if got.Status != response.Status || string(got.Payload) != want {
				t.Errorf("acknowledged with %d %s, want %d %s", got.Status, got.Payload, response.Status, want)
			}
			if diff := cmp.Diff(response.Headers, got.Headers); diff != "" {
				t.Errorf("headers of the acknowledgement (-response +got):\n%s", diff)
			}
			if acks.Topic != "ns/y/things/twin/acks" || acks.Path != "/" || string(acks.Headers["correlation-id"]) != `"c"` ||
				string(acks.Headers["ditto-originator"]) != `"nginx:ditto"` {
				t.Errorf("answered with %+v", acks)
			}
			s.settled(t, owner)
		})
	}
}

// A thing that is created with a policy is acknowledged like any other, when both are there.
func TestAcknowledgementsOfACreationWithAnotherPolicy(t *testing.T) {
	const device = "nginx:device +r /"
	for _, tc := range []struct{ name, headers, rest, want string }{
		{"with success", "", withPolicy("", everything, device), "acks 200 my:ack=200 twin-persisted=201"},
		{"without the policy", "", `"path":"/","value":{"policyId":"ns:p","_copyPolicyFrom":"ns:none"}`, "404 policies:policy.notfound"},
		{"without the thing", "", withPolicy("", "nginx:ditto +rw policy:/ +r /", device), "403 things:thing.notmodifiable"},
		{"under a condition", `,"if-match":"*"`, withPolicy("", everything, device), "412 things:precondition.failed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, vfs.NewMem(), "db", settings())
			owner, device := s.join(t, "nginx:ditto"), s.join(t, "nginx:device", "my:ack")
			s.hub.Subscribe(device, nil)
			ask(t, s, owner, createThing, tc.headers+requesting("my:ack", "twin-persisted"), tc.rest)
			created := strings.HasPrefix(tc.want, "acks")
			if created {
				device.acknowledge(t, s, "my:ack", `"status":200`)
			}
			owner.mustAnswer(t, tc.want)
			if s.exists(t, store.Thing, "ns:t") != created || s.exists(t, store.Policy, "ns:p") != created || len(device.events) > 0 {
				t.Errorf("thing %t, policy %t, want %t; %d more events", s.exists(t, store.Thing, "ns:t"),
					s.exists(t, store.Policy, "ns:p"), created, len(device.events))
			}
			s.settled(t, owner)
		})
	}
	t.Run("of a thing that exists", func(t *testing.T) {
		s, owner := room(t)
		rest := strings.Replace(withPolicy("", everything), "ns:p", "ns:q", 1)
		ask(t, s, owner, createThing, requesting("my:ack"), rest)
		owner.mustAnswer(t, "409 things:thing.conflict")
		s.settled(t, owner)
	})
}

// When its time is up a command is answered with what is missing: everything, while its change is not durable.
func TestAcknowledgementsThatAreMissing(t *testing.T) {
	const late = "=408 acknowledgement:request.timeout"
	for name, rest := range map[string]string{"of a creation": create, "of a creation with another policy": withPolicy("", everything)} {
		t.Run(name, func(t *testing.T) {
			disk := slowdisk.New()
			s := serve(t, disk, "db", settings())
			c := s.join(t, "nginx:ditto")
			release := disk.HoldSyncs()
			handled := make(chan struct{})
			go func() {
				defer close(handled)
				ask(t, s, c, createThing, requesting("my:ack", "twin-persisted", "search-persisted")+`,"timeout":"40ms"`, rest)
			}()
			c.mustAnswer(t, "acks 424 my:ack"+late+" search-persisted"+late+" twin-persisted"+late)
			release()
			<-handled
			s.settled(t, c)
		})
	}
}

// Of a command whose time is up nothing is said before the wait is over: it may still be executed.
func TestNothingIsSaidBeforeAWaitIsOver(t *testing.T) {
	disk := slowdisk.New()
	s := serve(t, disk, "db", settings())
	behind := broker.New(broker.Options{
		Declared: s.isDeclared, Clock: func() time.Time { return time.Now().Add(-time.Hour) },
	})
	defer behind.Close()
	s.broker.Close()
	s.broker = behind
	s.Service = twin.NewService(s.options(history.New(s.store), settings()))
	c := s.join(t, "nginx:ditto")
	release := disk.HoldSyncs()
	ask(t, s, c, createThing, requesting("twin-persisted", "search-persisted")+`,"timeout":"40ms"`, create)
	if got := <-c.replies; got != "" {
		t.Errorf("replied %s", got)
	}
	if len(c.answers) > 0 {
		t.Errorf("answered %s", <-c.answers)
	}
	release()
	c.party.End()
	s.settled(t, c)
}

// What the engine cannot do is a failure like others.
func TestAcknowledgementsWithoutAnEngine(t *testing.T) {
	s, owner := room(t)
	s.engine.Close()
	for _, rest := range []string{one, withPolicy("", everything)} {
		ask(t, s, owner, modifyThing, requesting("my:ack", "twin-persisted"), rest)
		owner.mustAnswer(t, "503 things:thing.unavailable")
	}
	s.settled(t, owner)
}

// A command that cannot be waited for is not executed.
func TestNoRoomToWait(t *testing.T) {
	s, owner := room(t)
	owner.party.End()
	ask(t, s, owner, modifyThing, requesting("my:ack"), one)
	owner.mustReply(t, "429 too.many.requests")
	ask(t, s, owner, "ns/t/things/twin/commands/retrieve", "", `"path":"/attributes"`)
	owner.mustReply(t, "404 things:attributes.notfound")
	s.settled(t, owner)
}

// Who is gone is not answered, and what they have begun goes on.
func TestWhoWaitsAndGoes(t *testing.T) {
	s, owner := room(t, "nginx:device")
	device := s.join(t, "nginx:device", "my:ack")
	s.hub.Subscribe(device, nil)
	release := s.hold(t)
	ask(t, s, owner, modifyThing, requesting("my:ack", "twin-persisted"), one)
	owner.party.End()
	release()
	if told := outline(t, <-device.events); told != "created /attributes/a 1" {
		t.Errorf("told %s", told)
	}
	if got := <-owner.replies; got != "" {
		t.Errorf("replied %s", got)
	}
	s.settled(t, owner)
}
