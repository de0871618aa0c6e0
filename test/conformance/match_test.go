package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		name, want, got string
		differences     []string
	}{
		{"equal, in another order", `{"a":1,"b":[true,null,"x"]}`, `{"b":[true,null,"x"],"a":1}`, nil},
		{"a member is missing", `{"a":1,"b":2}`, `{"a":1}`, []string{"/b: missing, want 2"}},
		{"a member too many", `{"a":1}`, `{"a":1,"b":{"c":2}}`, []string{`/b: not expected, got {"c":2}`}},
		{"further members allowed", `{"a":1, ...}`, `{"a":1,"b":2}`, nil},
		{"only further members", `{"a":{...}}`, `{"a":{"b":2}}`, nil},
		{"further members allowed, but one is missing", `{"a":1, ...}`, `{"b":2}`, []string{"/a: missing, want 1"}},
		{"further members are allowed on their level only", `{"a":{"b":1}, ...}`, `{"a":{"b":1,"c":2}}`,
			[]string{"/a/c: not expected, got 2"}},
		{"three dots in a string are text", `{"a":"x...", "b":"\"..."}`, `{"a":"x...","b":"\"..."}`, nil},
		{"another number", `{"a":1}`, `{"a":2}`, []string{"/a: want 1, got 2"}},
		{"the same number, spelt differently", `{"a":1}`, `{"a":1.0}`, []string{"/a: want 1, got 1.0"}},
		{"a number beyond float64", `{"a":9007199254740993}`, `{"a":9007199254740992}`,
			[]string{"/a: want 9007199254740993, got 9007199254740992"}},
		{"a number for a string", `{"a":"1"}`, `{"a":1}`, []string{`/a: want "1", got 1`}},
		{"a string for a number", `{"a":1}`, `{"a":"1"}`, []string{`/a: want 1, got "1"`}},
		{"false for null", `{"a":null}`, `{"a":false}`, []string{"/a: want null, got false"}},
		{"null for an object", `{"a":{}}`, `{"a":null}`, []string{"/a: want {}, got null"}},
		{"an array in another order", `{"a":[1,2]}`, `{"a":[2,1]}`, []string{"/a/0: want 1, got 2", "/a/1: want 2, got 1"}},
		{"an array of another length", `{"a":[1]}`, `{"a":[1,1]}`, []string{"/a: want [1], got [1,1]"}},
		{"an object for an array", `{"a":[]}`, `{"a":{}}`, []string{"/a: want [], got {}"}},
		{"an array as frame", `{}`, `[]`, []string{"/: want {}, got []"}},
		{"no JSON", `{}`, `ACK`, []string{"frame: no JSON envelope: invalid character 'A' looking for beginning of value"}},
		{"a member twice", `{"a":1}`, `{"a":1,"a":1}`, []string{`frame: no JSON envelope: has a member twice: "a"`}},
		{"text after the envelope", `{"a":1}`, `{"a":1} {}`, []string{"frame: no JSON envelope: has text after the JSON value"}},
		{"half an envelope", `{"a":1}`, `{"a":1`, []string{"frame: no JSON envelope: EOF"}},
		{"bad UTF-8", `{"a":"<text>"}`, "{\"a\":\"\xff\"}", []string{"frame: no JSON envelope: is not valid UTF-8"}},
		{"the namespace", `{"a":"<ns>:t"}`, `{"a":"org.acme:t"}`, nil},
		{"another namespace", `{"a":"<ns>:t"}`, `{"a":"org.other:t"}`, []string{`/a: want "<ns>:t", got "org.other:t"`}},
		{"the namespace in a member name", `{"<ns>":1}`, `{"org.acme":1}`, nil},
		{"the dot of a namespace is a dot", `{"a":"<ns>"}`, `{"a":"orgxacme"}`, []string{`/a: want "<ns>", got "orgxacme"`}},
		{"some text", `{"a":"<text>"}`, `{"a":"\n"}`, nil},
		{"no text", `{"a":"<text>"}`, `{"a":""}`, []string{`/a: want "<text>", got ""`}},
		{"a number for text", `{"a":"<text>"}`, `{"a":1}`, []string{`/a: want "<text>", got 1`}},
		{"a time", `{"a":"<time>"}`, `{"a":"2026-08-18T18:32:56.123456789Z"}`, nil},
		{"a time without fraction", `{"a":"<time>"}`, `{"a":"2026-08-18T18:32:56Z"}`, nil},
		{"a time with an offset", `{"a":"<time>"}`, `{"a":"2026-08-18T18:32:56+02:00"}`,
			[]string{`/a: want "<time>", got "2026-08-18T18:32:56+02:00"`}},
		{"an entity tag", `{"a":"<etag>"}`, `{"a":"\"hash:0a1b\""}`, nil},
		{"an entity tag without quotes", `{"a":"<etag>"}`, `{"a":"hash:0a1b"}`, []string{`/a: want "<etag>", got "hash:0a1b"`}},
		{"the entity tag of a whole thing", `{"a":"<etag>"}`, `{"a":"\"rev:1\""}`, []string{`/a: want "<etag>", got "\"rev:1\""`}},
		{"a revision", `{"a":"<rev>"}`, `{"a":12}`, nil},
		{"revision 0", `{"a":"<rev>"}`, `{"a":0}`, []string{`/a: want "<rev>", got 0`}},
		{"a revision as text", `{"a":"<rev>"}`, `{"a":"12"}`, []string{`/a: want "<rev>", got "12"`}},
		{"an id", `{"a":"<ns>/<id>/things"}`, `{"a":"org.acme/x:y/things"}`, nil},
		{"an id has no slash", `{"a":"<ns>/<id>/things"}`, `{"a":"org.acme/x/y/things"}`,
			[]string{`/a: want "<ns>/<id>/things", got "org.acme/x/y/things"`}},
		{"kept and met again", `{"a":"<id:x>","b":"<ns>/<id:x>"}`, `{"a":"i","b":"org.acme/i"}`, nil},
		{"kept and not met again", `{"a":"<id:x>","b":"<ns>/<id:x>"}`, `{"a":"i","b":"org.acme/j"}`,
			[]string{`/b: want "<ns>/<id:x>", got "org.acme/j"`}},
		{"kept twice in one string", `{"a":"<id:x>/<id:x>"}`, `{"a":"i/j"}`, []string{`/a: want "<id:x>/<id:x>", got "i/j"`}},
		{"many characters", `{"a":"<fill:3>-<fill:2:é>"}`, `{"a":"xxx-éé"}`, nil},
		{"a label", `{"a":["<label:x>"]}`, `{"a":["org-acme:x"]}`, nil},
		{"a label as a member name", `{"<label:x>":1}`, `{"org-acme:x":1}`, nil},
		{"another label", `{"a":"<label:x>"}`, `{"a":"org-acme:y"}`, []string{`/a: want "<label:x>", got "org-acme:y"`}},
		{"the beginning is not enough", `{"a":"<id>x"}`, `{"a":"ixy"}`, []string{`/a: want "<id>x", got "ixy"`}},
		{"a text frame", `START-SEND-EVENTS:ACK`, `START-SEND-EVENTS:ACK`, nil},
		{"a text frame with more text", `START-SEND-EVENTS:ACK`, `START-SEND-EVENTS:ACK `,
			[]string{`frame: want "START-SEND-EVENTS:ACK", got "START-SEND-EVENTS:ACK "`}},
		{"several differences", `{"a":1,"b":2,"c":3}`, `{"a":2,"c":3,"d":4}`,
			[]string{"/a: want 1, got 2", "/b: missing, want 2", "/d: not expected, got 4"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := parsePattern(test.want)
			if err != nil {
				t.Fatal(err)
			}
			var differences []string
			for _, m := range p.match(bindings{namespace: "org.acme", kept: map[string]string{}}, []byte(test.got)) {
				differences = append(differences, m.String())
			}
			if diff := cmp.Diff(test.differences, differences); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMatchKeepsOnlyWhatMatched has a frame that binds a name before it turns out to be the wrong one.
func TestMatchKeepsOnlyWhatMatched(t *testing.T) {
	p, err := parsePattern(`{"a":"<id:x>","b":1}`)
	if err != nil {
		t.Fatal(err)
	}
	b := bindings{kept: map[string]string{}}
	if len(p.match(b, []byte(`{"a":"wrong","b":2}`))) == 0 {
		t.Fatal("matched")
	}
	if found := p.match(b, []byte(`{"a":"right","b":1}`)); len(found) > 0 {
		t.Fatal(found)
	}
	if diff := cmp.Diff(map[string]string{"id:x": "right"}, b.kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestMatchAnyOrderKeepsNamesAcrossFrames(t *testing.T) {
	patterns := []pattern{}
	for _, source := range []string{`{"a":"<id:x>"}`, `{"b":"<id:x>"}`, `{"a":"<id:y>"}`} {
		p, err := parsePattern(source)
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, p)
	}
	b := bindings{kept: map[string]string{}}
	if !matchAny(b, patterns, [][]byte{[]byte(`{"a":"1"}`), []byte(`{"b":"2"}`), []byte(`{"a":"2"}`)}) {
		t.Fatal("found no order, although x=2, y=1 is one")
	}
	if diff := cmp.Diff(map[string]string{"id:x": "2", "id:y": "1"}, b.kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if matchAny(bindings{kept: map[string]string{}}, patterns, [][]byte{[]byte(`{"a":"1"}`), []byte(`{"b":"3"}`), []byte(`{"a":"2"}`)}) {
		t.Fatal("found an order, although no frame b fits a frame a")
	}
}
