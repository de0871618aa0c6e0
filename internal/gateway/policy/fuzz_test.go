package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// The words from which sequences of commands are made.
var (
	fuzzActions = []string{"modify", "create", "delete", "retrieve", "modify"}
	fuzzPaths   = []string{
		"/", "/entries", "/entries/owner", "/entries/linked", "/entries/target", "/entries/linked/subjects",
		"/entries/target/subjects/nginx:a", "/entries/owner/subjects/{{ request:subjectId }}", "/entries/linked/resources",
		"/entries/target/resources/policy:/", "/entries/owner/resources/thing:/a/b", "/entries/target/importable",
		"/entries/linked/namespaces", "/entries/target/allowedAdditions", "/entries/linked/references", "/imports",
		"/imports/ns:base", "/imports/ns:open", "/imports/ns:base/entries", "/imports/ns:base/transitiveImports", "/entries/ä",
	}
	fuzzValues = []string{
		`{}`, `[]`, `null`, `"never"`, `["ns.*","ns"]`, `["subjects","subjects"]`, `[{"entry":"target"}]`, `["explicit"]`,
		`[{"import":"ns:base","entry":"explicit"},{"entry":"owner"}]`, `{"entries":["explicit"],"transitiveImports":["ns:open"]}`,
		`{"ns:base":{"entries":["explicit"]},"ns:open":{}}`, `["ns:open"]`, `{"grant":["READ","WRITE",1],"revoke":[]}`,
		`{"grant":[],"revoke":["WRITE"]}`, `{"type":"{{ time:now }}"}`, `{"type":"t","expiry":"2026-03-01T00:00:00Z"}`,
		`{"type":"t","expiry":"2026-02-03T04:30:00Z","announcement":{"beforeExpiry":"90s","whenDeleted":true}}`,
		`{"type":"t","announcement":{"whenDeleted":true,"requestedAcks":{"labels":["a:bc"],"timeout":"5s"}}}`,
		`{"type":"t","announcement":{}}`, `{"nginx:a":{"type":"t"},"{{ request:subjectId }}":{"type":"t"}}`,
		`{"policy:/":{"grant":["WRITE","READ"],"revoke":[]},"thing:/x":{"grant":[],"revoke":["READ"]}}`,
		`{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/":{"grant":["WRITE","READ"],"revoke":[]}},"importable":"explicit"}`,
		`{"subjects":{},"resources":{},"references":[{"entry":"target"}],"namespaces":[],"allowedAdditions":[]}`,
		`{"owner":{"subjects":{"nginx:me":{"type":"t"}},"resources":{"policy:/":{"grant":["WRITE","READ"],"revoke":[]}}},"linked":{"references":[{"entry":"owner"}]}}`,
		`{"entries":{"owner":{"subjects":{"nginx:me":{"type":"t"},"nginx:a":{"type":"t","announcement":{"whenDeleted":true}}},` +
			`"resources":{"policy:/":{"grant":["WRITE","READ"],"revoke":[]}}},"target":{"subjects":{},"resources":{}}},"imports":{"ns:base":{}}}`,
		`{"policyId":"ns:p","entries":{"owner":{"subjects":{"nginx:me":{"type":"\u00e4"}},"resources":{"policy:/":{"grant":["WRITE"],"revoke":[]}}}}}`,
	}
	// What sequences begin with.
	fuzzPolicies = []string{"house", "never", "importing", "linked", "two subjects", "stale", "empty import", "deleted"}
	fuzzHeaders  = []string{
		``, `"if-match":"*"`, `"if-none-match":"*"`, `"if-equal":"skip"`, `"allow-policy-lockout":true`,
		`"policy-view":"resolved"`, `"if-match":"\"rev:1\",\"rev:2\""`,
	}
	fuzzSubjects = [][]string{{"nginx:me"}, {"nginx:me", "nginx:picky"}, {"nginx:reader"}, {"nginx:a"}, {}}
)

// fuzzed is a command that a script says.
type fuzzed struct {
	frame    string
	subjects []string
}

// fuzzCommand takes a command from the front of a script. Raw is a value, and a name in a path, that a fuzzer made up.
func fuzzCommand(script []byte, raw string) (c fuzzed, rest []byte) {
	next := func(n int) int {
		if len(script) == 0 {
			return 0
		}
		choice := int(script[0]) % n
		script = script[1:]
		return choice
	}
	paths := slices.Concat(fuzzPaths, []string{"/entries/linked/subjects/" + raw, raw})
	values := slices.Concat(fuzzValues, []string{raw})
	action, path, value := fuzzActions[next(len(fuzzActions))], paths[next(len(paths))], values[next(len(values))]
	headers, subjects := fuzzHeaders[next(len(fuzzHeaders))], fuzzSubjects[next(len(fuzzSubjects))]
	frame := fmt.Sprintf(`{"topic":"ns/p/policies/commands/%s","headers":{%s},"path":%s,"value":%s`,
		action, headers, document.AppendString(nil, path), value)
	if next(2) == 1 {
		frame += `,"fields":"policyId,_revision,entries/*/subjects"`
	}
	return fuzzed{frame: frame + "}", subjects: subjects}, script
}

// FuzzDecide checks that the invariants of the package hold whatever is sent.
func FuzzDecide(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		script := make([]byte, 180)
		for i := range script {
			script[i] = byte(random.Uint32())
		}
		f.Add(script, fuzzValues[random.IntN(len(fuzzValues))])
	}
	// Every value at every path, by who may do everything.
	for value := range fuzzValues {
		script := []byte{3}
		for path := range fuzzPaths {
			script = append(script, 0, byte(path), byte(value), 0, 0, 0)
		}
		f.Add(script, "x:y")
	}
	f.Fuzz(func(t *testing.T, script []byte, raw string) {
		var st *State
		if len(script) > 0 {
			st = fixtures[fuzzPolicies[int(script[0])%len(fuzzPolicies)]]
			script = script[1:]
		}
		clock := now
		settings := defaultSettings()
		settings.MaxSize, settings.MaxImports = 3000, 2
		for len(script) > 0 {
			var c fuzzed
			c, script = fuzzCommand(script[:min(len(script), 600)], raw)
			clock = clock.Add(10 * time.Minute)
			st = expireFuzzed(t, st, clock)
			st = decideFuzzed(t, c, st, clock, settings)
		}
	})
}

// decideFuzzed decides a command, checks what came of it, and returns the state afterwards.
func decideFuzzed(t *testing.T, f fuzzed, before *State, clock time.Time, settings Settings) *State {
	copied := strings.Clone(docOf(before))
	var env protocol.Envelope
	if protocol.Decode([]byte(f.frame), &env) != nil {
		return before
	}
	c, err := NewCommand(&env)
	if err != nil {
		checkError(t, f.frame, err)
		return before
	}
	who := requester(t, before, f.subjects, nil)
	outcome, err := Decide(before, c, who, clock, settings)
	if docOf(before) != copied {
		t.Fatalf("%s modified the state before it", f.frame)
	}
	if err != nil {
		checkError(t, f.frame, err)
		if outcome.State != nil || outcome.Event != nil || outcome.Removed != nil {
			t.Fatalf("%s was refused with an effect", f.frame)
		}
		return before
	}
	if len(f.subjects) == 0 && before.Exists() {
		t.Fatalf("%s was accepted from nobody", f.frame)
	}
	again, _ := Decide(before, c, who, clock, settings)
	if docOf(again.State) != docOf(outcome.State) {
		t.Fatalf("%s leads to different states: %s and %s", f.frame, docOf(again.State), docOf(outcome.State))
	}
	if (outcome.State == nil) != c.IsQuery() || (outcome.Event == nil) != c.IsQuery() {
		t.Fatalf("%s: state %+v, event %+v", f.frame, outcome.State, outcome.Event)
	}
	checkAnswer(t, f.frame, outcome)
	if outcome.State == nil {
		return before
	}
	checkChange(t, f.frame, before, outcome)
	if size := len(outcome.State.Doc); size > settings.MaxSize {
		t.Fatalf("%s made the policy %d long", f.frame, size)
	}
	return outcome.State
}

func checkError(t *testing.T, frame string, err *protocol.Error) {
	if err.Code == "" || err.Message == "" || err.Status != 304 && (err.Status < 400 || err.Status >= 500) ||
		err.Policy != strings.HasPrefix(err.Code, "policies:") {
		t.Fatalf("%s: strange error: %d %s %q %q", frame, err.Status, err.Code, err.Message, err.Description)
	}
}

// checkAnswer checks a response in itself.
func checkAnswer(t *testing.T, frame string, o Outcome) {
	r := o.Response
	if hasValue := r.Status == statusOK || r.Status == statusCreated; hasValue != (r.Value != nil) {
		t.Fatalf("%s is answered with %d and value %q", frame, r.Status, r.Value)
	}
	if canonical, err := document.Canonical(r.Value); r.Value != nil && (err != nil || string(canonical) != string(r.Value)) {
		t.Fatalf("%s is answered with the value %s", frame, r.Value)
	}
}

// checkChange checks the event of a command that was accepted against the state it led to, and who was removed.
func checkChange(t *testing.T, frame string, before *State, o Outcome) {
	if o.State.Revision != before.revision()+1 {
		t.Fatalf("%s leads from revision %d to %d", frame, before.revision(), o.State.Revision)
	}
	if o.Event.Path.String() != o.Response.Path.String() || o.Event.Value == nil != (o.Event.Action == protocol.Deleted) {
		t.Fatalf("%s: event %+v, response %+v", frame, o.Event, o.Response)
	}
	after := &model.Policy{}
	if o.State.Exists() {
		checkDocument(t, o.State)
		after, _ = o.State.Policy()
		raw, _ := o.State.part(o.Event.Path)
		if o.Event.Value != nil && string(raw) != string(o.Event.Value) {
			t.Fatalf("%s: the event says %s, the policy has %s", frame, o.Event.Value, raw)
		}
	}
	for _, r := range o.Removed {
		for _, entry := range after.Entries {
			if entry.Subject(r.Subject.ID) != nil {
				t.Fatalf("%s: %s was removed, but is there", frame, r.Subject.ID)
			}
		}
	}
}

// expireFuzzed removes the subjects whose time has come and checks that none is left.
func expireFuzzed(t *testing.T, st *State, clock time.Time) *State {
	for st.Exists() && !st.Due.IsZero() && !st.Due.After(clock) {
		outcome := expireAny(t, st, clock)
		if outcome.State == nil {
			return st // something is to be announced
		}
		checkDocument(t, outcome.State)
		if outcome.State.Revision != st.Revision+1 || outcome.Event == nil || outcome.Event.Action != protocol.Deleted {
			t.Fatalf("strange expiry %+v of %s", outcome, st.Doc)
		}
		st = outcome.State
	}
	return st
}

func expireAny(t *testing.T, st *State, clock time.Time) Outcome {
	p, err := st.Policy()
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range p.Entries {
		for _, subject := range entry.Subjects {
			if outcome := Expire(st, entry.Label, subject.ID, clock); outcome.State != nil {
				return outcome
			}
		}
	}
	return Outcome{}
}
