package thing

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// The words from which sequences of commands are made.
var (
	fuzzActions = []string{"create", "modify", "merge", "delete", "retrieve"}
	fuzzPaths   = []string{
		"/", "/policyId", "/definition", "/attributes", "/attributes/a", "/attributes/a/b/c", "/features", "/features/f",
		"/features/f/definition", "/features/f/properties", "/features/f/properties/p", "/features/g/properties/p/q",
		"/features/f/desiredProperties", "/features/g/desiredProperties/p", "/attributes/{{ ~a~ }}", "/_policy", "/attributes/ä",
	}
	fuzzValues = []string{
		`null`, `{}`, `1`, `"ns:q"`, `"ns:d:1"`, `["ns:d:1"]`, `[]`, `{"a":null,"b":{"c":null},"{{ ~.*~ }}":null}`,
		`{"attributes":{"a":{"b":{"c":null}}},"features":{"f":{"definition":null,"properties":{"p":{"q":1}}},"g":null}}`,
		`{"attributes":null,"features":{"g":{"desiredProperties":null}},"policyId":"ns:p"}`,
		`{"f":{"properties":{"p":{"q":[1,{"r":null}]}},"x":1}}`, `{"properties":null,"definition":["ns:d:1"]}`,
		`{"p":"{{ request:subjectId }}","q":"{{ time:now }}"}`, `{"a":"\u00e4\ud800","b":1.0e5}`, `{"_policy":{"entries":{}}}`,
		`{"thingId":"ns:t","definition":"ns:d:1"}`, `{"p":{"a/b":1}}`, `{"f":{"properties":{"":null}}}`,
		`{"_policy":{"entries":{"e":{"subjects":{"nginx:me":{"type":"a"},"{{ request:subjectId }}":{"type":"a"}},` +
			`"resources":{"policy:/":{"grant":["WRITE"],"revoke":[]},"thing:/":{"grant":["READ","WRITE"],"revoke":[]}}}}},"attributes":{"a":1}}`,
		`{"_copyPolicyFrom":"ns:p","attributes":{"a":{"b":1}}}`, `{"_copyPolicyFrom":"{{ ref:things/ns:mine/policyId }}"}`,
		`{"attributes":{"a":{"b":{"c":1}}},"features":{"f":{"properties":{"p":null}}}}`, `{"b":{"c":{}}}`, `{"a":{"b":null}}`,
	}
	// What the requester may do beside, or instead of, everything.
	fuzzSigns  = []string{"+r", "+w", "+rw", "-r", "-w", "-rw"}
	fuzzPlaces = []string{
		"/", "/attributes", "/attributes/a", "/attributes/a/b", "/attributes/o/x", "/features", "/features/f", "/features/f/properties",
		"/features/f/properties/p", "/features/f/definition", "/policyId", "/definition", "policy:/",
	}
	// What sequences begin with.
	fuzzThings  = []string{"lamp", "never", "nulls", "bare", "lamp", "empty feature", "labelled", "own policy"}
	fuzzHeaders = []string{
		``, `,"if-match":"*"`, `,"if-none-match":"*"`, `,"if-equal":"skip"`, `,"if-equal":"skip-minimizing-merge"`,
		`,"allow-policy-lockout":true`, `,"if-match":"\"rev:1\",\"rev:2\""`,
		`,"condition":"or(gt(_revision,7),exists(attributes/a))"`, `,"condition":"not(empty(features/f))","if-equal":"skip"`,
		`,"merge-thing-patch-conditions":{"attributes/a":"exists(attributes/o)","a":"lt(_revision,9)","{{ ~.*~ }}":"exists(features/f)","attributes":"x"}`,
		`,"merge-thing-patch-conditions":{"attributes/a/b":"exists(attributes/o)","a":"lt(_revision,9)","b/c":"exists(features/f)","f":"ne(policyId,'ns:p')"}`,
		`,"put-metadata":[{"key":"*/k","value":{"a":1}},{"key":"a/b","value":"x"}]`, `,"get-metadata":"*/k,a"`, `,"delete-metadata":"*/k,b"`,
		`,"put-metadata":[{"key":"features/*/properties/*/k","value":1},{"key":"attributes/*/c","value":null}]`, `,"delete-metadata":"*"`,
	}
)

// fuzzWorld takes what the requester may do from the front of script.
func fuzzWorld(script []byte) (who *world, rest []byte) {
	rights := everything
	if len(script) > 0 {
		count := int(script[0] >> 1 & 7)
		if script[0]&1 != 0 {
			rights = ""
		}
		for script = script[1:]; count > 0 && len(script) > 1; count-- {
			sign, place := fuzzSigns[int(script[0])%len(fuzzSigns)], fuzzPlaces[int(script[1])%len(fuzzPlaces)]
			rights += " " + sign + " " + place
			script = script[2:]
		}
	}
	who = newWorld(me)
	for _, id := range []string{"ns:p", "ns:q"} {
		who.permit(id, rights)
	}
	return who, script
}

// fuzzCommand takes the words of a command, and a value that a fuzzer made up, from the front of script.
func fuzzCommand(script []byte, raw string) (frame string, rest []byte) {
	next := func(words []string) string {
		if len(script) == 0 {
			return words[0]
		}
		word := words[int(script[0])%len(words)]
		script = script[1:]
		return word
	}
	action, path, value, headers := next(fuzzActions), next(fuzzPaths), next(append(fuzzValues, raw)), next(fuzzHeaders)
	return fmt.Sprintf(`{"topic":"ns/t/things/twin/commands/%s","headers":{"content-type":"application/merge-patch+json"%s},`+
		`"path":%q,"value":%s}`, action, headers, path, value), script
}

// FuzzDecide checks that the invariants of the package hold whatever is sent.
func FuzzDecide(f *testing.F) {
	f.Add([]byte{0, 0, 0, 8, 0, 1, 4, 7, 0, 2, 4, 7, 4, 3, 0, 0, 0, 1, 0, 8, 0, 2, 6, 10, 4}, `{"a":[]}`)
	f.Add([]byte{2, 0, 0, 8, 0, 2, 2, 0, 0, 2, 3, 7, 4, 3, 4, 0, 0, 4, 0, 0, 0}, `{"a":`)
	for _, value := range fuzzValues {
		script := []byte{1, 0, 1, 0, 8, 0}
		for path := range fuzzPaths {
			script = append(script, 2, byte(path), byte(len(fuzzValues)), 4, 1, byte(path), byte(len(fuzzValues)), 0)
		}
		f.Add(script, value)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		script := make([]byte, 160)
		for i := range script {
			script[i] = byte(random.Uint32())
		}
		f.Add(script, fuzzValues[random.IntN(len(fuzzValues))])
	}
	f.Fuzz(func(t *testing.T, script []byte, raw string) {
		var st *State
		if len(script) > 0 {
			st = fixtures[fuzzThings[int(script[0])%len(fuzzThings)]]
			script = script[1:]
		}
		who, script := fuzzWorld(script)
		if id := st.PolicyID(); id == "ns:t" {
			who.policies[id] = who.policies["ns:p"]
		}
		clock := now
		limits := Limits{MaxSize: 400}
		for len(script) > 0 {
			var frame string
			frame, script = fuzzCommand(script[:min(len(script), 400)], raw)
			clock = clock.Add(time.Second)
			st = decideFuzzed(t, frame, st, who, clock, limits)
		}
	})
}

// decideFuzzed decides a command, checks what came of it, and returns the state afterwards.
func decideFuzzed(t *testing.T, frame string, before *State, who *world, clock time.Time, limits Limits) *State {
	copied := strings.Clone(docOf(before) + metaOf(before))
	var env protocol.Envelope
	if protocol.Decode([]byte(frame), &env) != nil {
		return before
	}
	c, err := NewCommand(&env)
	if err != nil {
		checkError(t, err)
		return before
	}
	c.Subject = me
	outcome, err := Decide(before, c, who, clock, limits)
	if docOf(before)+metaOf(before) != copied {
		t.Fatalf("%s modified the state before it", frame)
	}
	if err != nil {
		checkError(t, err)
		if outcome.State != nil || outcome.Event != nil || outcome.Policy != nil {
			t.Fatalf("%s was refused with an effect", frame)
		}
		return before
	}
	again, _ := Decide(before, c, who, clock, limits)
	if docOf(again.State) != docOf(outcome.State) || metaOf(again.State) != metaOf(outcome.State) {
		t.Fatalf("%s leads to different states: %s and %s", frame, docOf(again.State), docOf(outcome.State))
	}
	if (outcome.State == nil) != c.IsQuery() || (outcome.Event == nil) != c.IsQuery() {
		t.Fatalf("%s: state %+v, event %+v", frame, outcome.State, outcome.Event)
	}
	checkAnswer(t, frame, c, outcome)
	checkPermitted(t, frame, before, c, outcome, who)
	if outcome.State == nil {
		return before
	}
	if outcome.State.Revision != before.revision()+1 {
		t.Fatalf("%s leads from revision %d to %d", frame, before.revision(), outcome.State.Revision)
	}
	if outcome.State.Exists() {
		checkDocument(t, outcome.State.Doc)
		if document.Chars(outcome.State.Doc) > limits.MaxSize {
			t.Fatalf("%s made the thing too large", frame)
		}
	}
	checkMetadata(t, outcome.State)
	checkMetadataFuzzed(t, frame, before, c, outcome, limits)
	return outcome.State
}

func docOf(st *State) string {
	if st == nil {
		return ""
	}
	return string(st.Doc)
}

func checkError(t *testing.T, err *protocol.Error) {
	if err.Code == "" || err.Message == "" || err.Status != 304 && (err.Status < 400 || err.Status >= 500) {
		t.Fatalf("strange error: %d %s %q", err.Status, err.Code, err.Message)
	}
}

// checkAnswer checks the event and the response of a command that was accepted against the state it led to.
func checkAnswer(t *testing.T, frame string, c *Command, o Outcome) {
	r := o.Response
	if hasValue := r.Status == statusOK || r.Status == statusCreated; hasValue != (r.Value != nil) {
		t.Fatalf("%s is answered with %d and value %q", frame, r.Status, r.Value)
	}
	for _, value := range [][]byte{r.Value, eventValue(o.Event)} {
		if canonical, err := document.Canonical(value); value != nil && (err != nil || string(canonical) != string(value)) {
			t.Fatalf("%s has the value %s", frame, value)
		}
	}
	if o.Event == nil || c.Action == protocol.Merge && !o.Event.MergePatch {
		return
	}
	if c.Action == protocol.Merge {
		checkMerged(t, frame, c, o)
		return
	}
	got, _ := o.State.Get(c.Path.Pointer)
	if string(got) != string(o.Event.Value) {
		t.Fatalf("%s: the event says %s, the thing has %s", frame, o.Event.Value, got)
	}
}

// checkMerged checks that a merge by null has deleted.
func checkMerged(t *testing.T, frame string, c *Command, o Outcome) {
	if _, ok := o.State.Get(c.Path.Pointer); ok && document.KindOf(o.Event.Value) == document.Null {
		t.Fatalf("%s did not delete", frame)
	}
}

func eventValue(e *Event) []byte {
	if e == nil {
		return nil
	}
	return e.Value
}
