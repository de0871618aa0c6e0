package mapping

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// anybody may do everything with everything, under policies that all exist but ns:t. It implements thing.Authority.
type anybody struct{ rights *enforcer.Rights }

func newAnybody() *anybody {
	all := enforcer.Read | enforcer.Write
	e := enforcer.Compile([]enforcer.Entry{{
		Subjects:  []string{"me"},
		Resources: []enforcer.Resource{{Key: "thing:/", Grant: all}, {Key: "policy:/", Grant: all}},
	}})
	return &anybody{e.Everywhere([]string{"me"})}
}

func (a *anybody) ThingRights(string, string) (*enforcer.Rights, bool)        { return a.rights, true }
func (a *anybody) Rights(string) *enforcer.Rights                             { return a.rights }
func (a *anybody) RightsUnder(string, *policy.State, string) *enforcer.Rights { return a.rights }
func (a *anybody) PolicyView(string) []byte                                   { return nil }
func (a *anybody) PolicyIDOf(string) string                                   { return "" }
func (a *anybody) PolicyState(string) *policy.State                           { return nil }
func (a *anybody) Requester() policy.Requester {
	return policy.Requester{Subjects: []string{"me"}, Rights: a.rights}
}
func (a *anybody) PolicySettings() policy.Settings {
	return policy.Settings{MaxSize: policy.DefaultMaxSize}
}
func (a *anybody) MayAccess(protocol.Group, string) bool                             { return true }
func (a *anybody) MayCreate(group protocol.Group, namespace, definition string) bool { return true }

// end is one end of a connection, with one thing.
type end struct {
	who   *anybody
	state *thing.State
}

// do does what an envelope asks for. It returns the event that it leads to, as a subscriber is told of it; nil for none.
func (e *end) do(text []byte, now time.Time) ([]byte, *protocol.Error) {
	var env protocol.Envelope
	if err := protocol.Decode(text, &env); err != nil {
		return nil, err
	}
	command, err := thing.NewCommand(&env)
	if err != nil {
		return nil, err
	}
	command.Subject = "me"
	outcome, err := thing.Decide(e.state, command, e.who, now, thing.Limits{MaxSize: thing.DefaultMaxSize})
	if err != nil || outcome.State == nil {
		return nil, err
	}
	e.state = outcome.State
	event := protocol.Event{
		Topic: env.Topic, Headers: env.Headers, Originator: "me", Path: outcome.Event.Path, Value: outcome.Event.Value,
		Revision: outcome.State.Revision, Timestamp: now,
	}
	event.Topic.Criterion, event.Topic.Action = protocol.Events, outcome.Event.Action
	return event.Append(nil), nil
}

// doc returns the thing, "" for none.
func (e *end) doc() string {
	if !e.state.Exists() {
		return ""
	}
	return string(e.state.Doc)
}

// The words from which commands are made.
var (
	replayActions = []string{"create", "modify", "modify", "modify", "merge", "merge", "merge", "delete"}
	replayPaths   = []string{
		"/", "/", "/policyId", "/definition", "/attributes", "/attributes/a", "/attributes/a", "/attributes/a/b/c", "/attributes/~0 ü",
		"/features", "/features/f", "/features/f/definition", "/features/f/properties", "/features/f/properties/p",
		"/features/g/properties/p/q", "/features/g/desiredProperties", "/features/f/desiredProperties/p",
	}
	replayValues = []string{
		`null`, `{}`, `1`, `2.50e1`, `"x"`, `"ns:q"`, `"ns:d:1"`, `["ns:d:1"]`, `[1,{"a":null}]`, `"{{ time:now }}"`, `"{{ request:subjectId }}"`,
		`{"a":null,"b":{"c":null}}`, `{"a":{"b":{"c":1,"d":2}}}`, `{"{{ ~a.*~ }}":null,"b":1}`, `{"a":{"{{ ~.*~ }}":null,"x":2}}`,
		`{"p":{"q":[1,2]},"r":null}`, `{"properties":{"p":1},"definition":["ns:d:1"]}`, `{"properties":null,"desiredProperties":{"p":2}}`,
		`{"f":{"properties":{"p":{"q":1}}},"g":{}}`, `{"f":null,"h":{"properties":{"~":"\u00e4"}}}`,
		`{"policyId":"ns:p","attributes":{"a":1,"b":{"c":null}},"features":{"f":{"properties":{"p":1}}}}`,
		`{"thingId":"ns:t","policyId":"ns:p"}`, `{"attributes":{"a":{"b":{"c":{}}}},"definition":"ns:d:2"}`,
		`{"attributes":null,"features":{"f":null,"g":{"desiredProperties":{"p":"{{ time:now_epoch_millis }}"}}}}`, `{"policyId":"ns:q"}`,
		`{"_policy":{"entries":{"e":{"subjects":{"me":{"type":"t"}},"resources":{"policy:/":{"grant":["READ","WRITE"],"revoke":[]},` +
			`"thing:/":{"grant":["READ","WRITE"],"revoke":[]}}}}},"attributes":{"made":true}}`,
	}
	replayHeaders = []string{``, ``, ``, `,"if-equal":"skip"`, `,"if-equal":"skip-minimizing-merge"`, `,"put-metadata":[{"key":"*/k","value":1}]`, `,"mine":"x"`}
)

// randomCommand returns a command on the thing ns:t.
func randomCommand(random *rand.Rand) []byte {
	pick := func(words []string) string { return words[random.IntN(len(words))] }
	return fmt.Appendf(nil, `{"topic":"ns/t/things/twin/commands/%s","headers":{"correlation-id":"c","content-type":"application/merge-patch+json"%s},`+
		`"path":%q,"value":%s}`, pick(replayActions), pick(replayHeaders), pick(replayPaths), pick(replayValues))
}

// Whatever is done to a thing: the commands for its events, done in order at the other end, make the same thing there.
func TestMirrorRepeats(t *testing.T) {
	const lives, steps = 400, 60
	who := newAnybody()
	events := map[string]int{}
	for seed := range uint64(lives) {
		random := rand.New(rand.NewPCG(seed, 7))
		near, far := &end{who: who}, &end{who: who}
		for step := range steps {
			now := time.Unix(int64(step), 0)
			command := randomCommand(random)
			event, err := near.do(command, now)
			if err != nil || event == nil {
				continue
			}
			env := toldEnvelope(t, string(event))
			events[env.Topic.Action.String()]++
			repeat(t, far, env, now)
			if near.doc() != far.doc() {
				t.Fatalf("seed %d: after %s, told as %s,\nthere is %s,\nand there %s", seed, command, event, near.doc(), far.doc())
			}
		}
	}
	for _, action := range []string{"created", "modified", "merged", "deleted"} {
		if events[action] < 100 {
			t.Errorf("only %d events are of things that were %s", events[action], action)
		}
	}
}

// repeat does at an end what an event says has happened at another.
func repeat(t *testing.T, far *end, event *protocol.Envelope, now time.Time) {
	t.Helper()
	command, ok := Mirror(event)
	if !ok {
		t.Fatalf("%s cannot be repeated", event.Append(nil))
	}
	if _, err := far.do(command.Append(nil), now.Add(time.Hour)); err != nil {
		t.Fatalf("%s is refused: %v %s", command.Append(nil), err, err.Description)
	}
}

// Who knows a thing already, or not yet, gets to the same thing by what is told of all of it.
func TestMirrorOfAWholeThingCatchesUp(t *testing.T) {
	for name, before := range map[string]string{
		"knows none":    ``,
		"knows another": `{"policyId":"ns:old","attributes":{"old":1},"features":{"old":{}}}`,
	} {
		far := &end{who: newAnybody()}
		if before != "" {
			if _, err := far.do([]byte(`{"topic":"ns/t/things/twin/commands/create","path":"/","value":`+before+`}`), time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
		}
		const whole = `{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":{"b":null}}}`
		repeat(t, far, toldEnvelope(t, `{"topic":"ns/t/things/twin/events/modified","path":"/","value":`+whole+`,"revision":9}`), time.Unix(2, 0))
		if got := far.doc(); got != whole {
			t.Errorf("who %s has %s, want %s", name, got, whole)
		}
	}
}
