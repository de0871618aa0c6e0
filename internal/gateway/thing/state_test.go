package thing

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

func TestState(t *testing.T) {
	for _, tc := range []struct {
		thing          string
		exists         bool
		etag, policyID string
	}{
		{"never", false, "", ""},
		{"deleted", false, "", ""},
		{"bare", true, `"rev:7"`, "ns:p"},
		{"own policy", true, `"rev:7"`, "ns:t"},
	} {
		st := fixtures[tc.thing]
		if st.Exists() != tc.exists || st.ETag() != tc.etag || st.PolicyID() != tc.policyID {
			t.Errorf("%s: exists %t, etag %s, policy id %s", tc.thing, st.Exists(), st.ETag(), st.PolicyID())
		}
		if _, ok := st.Get(document.Pointer{"thingId"}); ok != tc.exists {
			t.Errorf("%s: has an id: %t", tc.thing, ok)
		}
	}
}

// TestStatesOwnTheirMemory checks that a state does not change with the frame of the command that led to it.
func TestStatesOwnTheirMemory(t *testing.T) {
	for _, tc := range []struct{ thing, command string }{
		{"never", `create","path":"/","value":{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":"x"}}`},
		{"never", `create","path":"/","value":{"_policy":{"policyId":"ns:t","entries":{"a":{"subjects":{"nginx:me":{"type":"x"}},"resources":` +
			`{"policy:/":{"grant":["WRITE"],"revoke":[]},"thing:/":{"grant":["WRITE"],"revoke":[]}}}}}}`},
		{"bare", `modify","path":"/","value":{"thingId":"ns:t","policyId":"ns:t","attributes":{"a":"x"}}`},
		{"bare", `modify","path":"/attributes","value":{"a":"x"}`},
		{"bare", `merge","path":"/","value":{"thingId":"ns:t","policyId":"ns:t","attributes":{"a":"x"}}`},
		{"bare", `merge","path":"/attributes","value":{"a":"x"}`},
		{"never", `merge","path":"/","value":{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":"x"}}`},
	} {
		frame := []byte(`{"headers":{"content-type":"application/merge-patch+json"},"topic":"ns/t/things/twin/commands/` + tc.command + `}`)
		outcome, err := decideFrame(frame, fixtures[tc.thing], Limits{MaxSize: DefaultMaxSize}, newWorld(me))
		if err != nil {
			t.Fatalf("%s: %v", tc.command, err)
		}
		doc, policy := string(outcome.State.Doc), policyDoc(outcome)
		clear(frame)
		if string(outcome.State.Doc) != doc || policyDoc(outcome) != policy {
			t.Errorf("%s: the state is %s, policy %s after the frame is gone", tc.command, outcome.State.Doc, policyDoc(outcome))
		}
	}
}

// policyDoc returns the policy that was made, "" for none.
func policyDoc(o Outcome) string {
	if o.Policy == nil {
		return ""
	}
	return string(o.Policy.State.Doc)
}

// TestCheckNames checks the names in values against the rule for a single one.
func TestCheckNames(t *testing.T) {
	for _, tc := range []struct {
		value string
		depth int
		valid bool
	}{
		{`1`, 0, true},
		{`"a/b"`, 0, true},
		{`{"a":"b/c"}`, 1, true},
		{`{"a":[{"b":{}}]}`, 4, true},
		{`[["x"],["y:",":"]]`, 2, true},
		{`{"a":[[]],"b":{}}`, 3, true},
		{`{"` + strings.Repeat("x", 256) + `":1}`, 1, true},
		{`{"` + strings.Repeat("x", 257) + `":1}`, 1, false},
		{`{"a\\\"":1}`, 1, true},
		{`{"€":1}`, 1, true},
		{`{"":1}`, 1, false},
		{`{"a":[{"b/c":1}]}`, 3, false},
		{`{"\n":1}`, 1, false},
		{"{\"\u007f\":1}", 1, false},
		{`{"ä":1}`, 1, false},
	} {
		depth, err := checkNames([]byte(tc.value))
		if (err == nil) != tc.valid || tc.valid && depth != tc.depth {
			t.Errorf("%s: depth %d, %v, want depth %d, valid %t", tc.value, depth, err, tc.depth, tc.valid)
		}
		for name := range document.Members([]byte(tc.value)) {
			if single := protocol.ValidateKey(name); single != nil && tc.valid {
				t.Errorf("%s is valid, but not the name %q", tc.value, name)
			}
		}
	}
}
