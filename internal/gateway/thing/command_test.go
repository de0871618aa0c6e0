package thing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

func TestNewCommandAddress(t *testing.T) {
	for _, tc := range []struct{ name, topic, path, want string }{
		{"a thing", "ns/t/things/twin/commands/retrieve", "/", ""},
		{"the empty path is the root", "ns/t/things/twin/commands/retrieve", "", ""},
		{"without a namespace", "/t/things/twin/commands/retrieve", "/", ""},
		{"a namespace that is none", "1/t/things/twin/commands/retrieve", "/", "400 things:id.invalid"},
		{"a namespace that is the wildcard", "_/t/things/twin/commands/retrieve", "/", "400 things:id.invalid"},
		{"a name that is none", "ns/ä/things/twin/commands/retrieve", "/", "400 things:id.invalid"},
		{"a name that is the wildcard", "ns/_/things/twin/commands/delete", "/", "400 protocoladapter:unknown.topicpath"},
		{"migrate", "ns/t/things/twin/commands/migrate", "/", "400 protocoladapter:unknown.topicpath"},
		{"a path that is none", "ns/t/things/twin/commands/retrieve", "/x", "400 protocoladapter:unknown.path"},
		{"a long name in the path", "ns/t/things/twin/commands/retrieve", "/attributes/" + strings.Repeat("x", 256), ""},
		{"too long a name in the path", "ns/t/things/twin/commands/retrieve", "/attributes/" + strings.Repeat("x", 257), "400 json.key.invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := NewCommand(decode(t, fmt.Sprintf(`{"topic":%q,"path":%q,"value":{}}`, tc.topic, tc.path)))
			if got := codeOf(err); got != tc.want {
				t.Errorf("refused with %q, want %q", got, tc.want)
			}
		})
	}
}

// TestNewCommandRefusesPlaceholders checks that unknown placeholders are refused without knowing the thing, and what depends
// on the value of others later.
func TestNewCommandRefusesPlaceholders(t *testing.T) {
	for value, want := range map[string]string{
		`"{{ request:subjectId }}"`: "",
		`"{{ request:unknown }}"`:   "400 placeholder:unresolved",
	} {
		frame := `{"topic":"ns/t/things/twin/commands/modify","path":"/definition","value":` + value + `}`
		if _, err := NewCommand(decode(t, frame)); codeOf(err) != want {
			t.Errorf("%s: refused with %q, want %q", value, codeOf(err), want)
		}
	}
}

// TestErrorsTellTheThing checks which errors are addressed to the thing, and which to nobody in particular.
func TestErrorsTellTheThing(t *testing.T) {
	for _, tc := range []struct {
		topic, path, value string
		unaddressed        bool
	}{
		{"ns/_/things/twin/commands/delete", "/", "1", true},
		{"1/t/things/twin/commands/delete", "/", "1", true},
		{"ns/t/things/twin/commands/delete", "/x", "1", true},
		{"ns/t/things/twin/commands/delete", "/policyId", "1", false},
		{"ns/t/things/twin/commands/create", "/attributes", "{}", false},
		{"ns/t/things/twin/commands/modify", "/_policy/entries", "{}", false},
		{"ns/t/things/twin/commands/modify", "/attributes", "5", false},
		{"ns/t/things/twin/commands/merge", "/attributes", "{}", false},
	} {
		_, err := NewCommand(decode(t, fmt.Sprintf(`{"topic":%q,"path":%q,"value":%s}`, tc.topic, tc.path, tc.value)))
		if err == nil {
			t.Fatalf("%s %s is accepted", tc.topic, tc.path)
		}
		if err.Unaddressed != tc.unaddressed {
			t.Errorf("%s %s: %s is unaddressed: %t, want %t", tc.topic, tc.path, err.Code, err.Unaddressed, tc.unaddressed)
		}
	}
}

func TestDepth(t *testing.T) {
	nested := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	for _, tc := range []struct {
		path   string
		levels int
		want   string
	}{
		{"/attributes/a", document.MaxDepth - 2, ""},
		{"/attributes/a", document.MaxDepth - 1, "400 json.invalid"},
		{"/features/f/properties/p", document.MaxDepth - 4, ""},
		{"/features/f/properties/p", document.MaxDepth - 3, "400 json.invalid"},
	} {
		for _, action := range []string{"modify", "merge"} {
			frame := fmt.Sprintf(`{"topic":"ns/t/things/twin/commands/%s","path":%q,"value":%s,`+
				`"headers":{"content-type":"application/merge-patch+json"}}`, action, tc.path, nested(tc.levels))
			outcome, err := decideFrame([]byte(frame), fixtures["lamp"], Limits{MaxSize: DefaultMaxSize}, newWorld(me))
			if got := codeOf(err); got != tc.want {
				t.Errorf("%s at %s, %d levels: refused with %q, want %q", action, tc.path, tc.levels, got, tc.want)
			}
			if err == nil {
				checkDocument(t, outcome.State.Doc)
			}
		}
	}
}

// TestMaxSize checks that the limit is in UTF-16 code units: ä is one of them, and has two bytes, 🙂 two, and has four.
func TestMaxSize(t *testing.T) {
	units := document.Chars([]byte(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":"xä🙂"}}`))
	for _, tc := range []struct{ thing, command string }{
		{"never", `create","path":"/","value":{"policyId":"ns:p","attributes":{"a":"xä🙂"}}`},
		{"bare", `modify","path":"/","value":{"attributes":{"a":"xä🙂"}}`},
		{"bare", `modify","path":"/attributes/a","value":"xä🙂"`},
		{"bare", `merge","path":"/attributes","value":{"a":"xä🙂"}`},
		{"deleted", `merge","path":"/","value":{"policyId":"ns:p","attributes":{"a":"xä🙂"}}`},
	} {
		frame := `{"headers":{"content-type":"application/merge-patch+json"},"topic":"ns/t/things/twin/commands/` + tc.command + `}`
		for limit, want := range map[int]string{units: "", units - 1: "413 things:thing.toolarge"} {
			if _, err := decideFrame([]byte(frame), fixtures[tc.thing], Limits{MaxSize: limit}, newWorld(me)); codeOf(err) != want {
				t.Errorf("%s with limit %d: refused with %q, want %q", tc.command, limit, codeOf(err), want)
			}
		}
	}
}

// TestMaxSizeOfPatches checks that patches are bounded although they are no part of the thing.
func TestMaxSizeOfPatches(t *testing.T) {
	frame := `{"headers":{"content-type":"application/merge-patch+json"},"topic":"ns/t/things/twin/commands/merge",` +
		`"path":"/attributes","value":{"` + strings.Repeat("x", 200) + `":null}}`
	if _, err := decideFrame([]byte(frame), fixtures["bare"], Limits{MaxSize: 200}, newWorld(me)); codeOf(err) != "413 things:thing.toolarge" {
		t.Errorf("refused with %q", codeOf(err))
	}
}

// TestDeleteIgnoresTheLimit checks that a thing that is too large since the limit was lowered can be made smaller.
func TestDeleteIgnoresTheLimit(t *testing.T) {
	frame := `{"topic":"ns/t/things/twin/commands/delete","path":"/attributes/a"}`
	if _, err := decideFrame([]byte(frame), fixtures["lamp"], Limits{MaxSize: 10}, newWorld(me)); err != nil {
		t.Errorf("refused with %q", codeOf(err))
	}
}
