package thing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

func TestNewRetrieveThings(t *testing.T) {
	many := make([]string, MaxThings+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"ns:t%d"`, i)
	}
	for _, tc := range []struct {
		name, namespace, action, path, rest string
		want                                []string
		refused                             string
	}{
		{name: "of any namespace", rest: `,"value":{"thingIds":["ns:b","other:a"]}`, want: []string{"ns:b", "other:a"}},
		{name: "of the topic's namespace", namespace: "ns", rest: `,"value":{"thingIds":["ns:b","ns:a"]}`, want: []string{"ns:b", "ns:a"}},
		{name: "each once", rest: `,"value":{"thingIds":["ns:b","ns:a","ns:b"]}`, want: []string{"ns:b", "ns:a"}},
		{name: "the empty path is the root", path: "-", rest: `,"value":{"thingIds":["ns:b"]}`, want: []string{"ns:b"}},
		{name: "as many as there may be", rest: `,"value":{"thingIds":[` + strings.Join(many[:MaxThings], ",") + `]}`,
			want: strings.Split(strings.ReplaceAll(strings.Join(many[:MaxThings], ","), `"`, ""), ",")},
		{name: "too many", rest: `,"value":{"thingIds":[` + strings.Join(many, ",") + `]}`, refused: "400 json.format.invalid"},
		{name: "of another namespace", namespace: "ns", rest: `,"value":{"thingIds":["ns:b","other:a"]}`, refused: "400 json.format.invalid"},
		{name: "none", rest: `,"value":{"thingIds":[]}`, refused: "400 things:things.ids.missing"},
		{name: "no list", rest: `,"value":{}`, refused: "400 json.field.missing"},
		{name: "a list that is none", rest: `,"value":{"thingIds":"ns:a"}`, refused: "400 json.invalid"},
		{name: "an id that is no string", rest: `,"value":{"thingIds":[5]}`, refused: "400 json.invalid"},
		{name: "an id that is none", rest: `,"value":{"thingIds":["a"]}`, refused: "400 things:id.invalid"},
		{name: "a value that is no object", rest: `,"value":["ns:a"]`, refused: "400 json.format.invalid"},
		{name: "no value", refused: "400 json.invalid"},
		{name: "part of them", path: "/attributes", rest: `,"value":{"thingIds":["ns:a"]}`, refused: "400 protocoladapter:unknown.topicpath"},
		{name: "no such path", path: "/x", rest: `,"value":{"thingIds":["ns:a"]}`, refused: "400 protocoladapter:unknown.path"},
		{name: "another command", action: "delete", rest: `,"value":{"thingIds":["ns:a"]}`, refused: "400 protocoladapter:unknown.topicpath"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := strings.TrimPrefix(orElse(tc.path, "/"), "-")
			env := decode(t, fmt.Sprintf(`{"topic":"%s/_/things/twin/commands/%s","path":%q%s}`,
				orElse(tc.namespace, "_"), orElse(tc.action, "retrieve"), path, tc.rest))
			r, err := NewRetrieveThings(env)
			if got := codeOf(err); got != tc.refused {
				t.Fatalf("refused with %q, want %q", got, tc.refused)
			}
			if err == nil {
				if diff := cmp.Diff(tc.want, r.IDs); diff != "" {
					t.Errorf("ids (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestRetrieveThings checks what is answered of several things: nothing of those that do not exist or of which nothing may be
// read.
func TestRetrieveThings(t *testing.T) {
	states := []*State{fixtures["bare"], nil, fixtures["lamp"], fixtures["deleted"], fixtures["own policy"]}
	for _, tc := range []struct{ name, rights, fields, want string }{
		{"everything", "+r /", "", `[{"thingId":"ns:t","policyId":"ns:p"},` + lamp + `]`},
		{"selected", "+r / +r policy:/", "policyId,_revision,_policy/entries/mine/subjects", `[` + strings.Repeat(`,{"policyId":"ns:p",`+
			`"_revision":7,"_policy":{"entries":{"mine":{"subjects":{"nginx:me":{"type":"t"}}}}}}`, 2)[1:] + `]`},
		{"the policy must not be read", "+r /", "_policy,_namespace", `[{"_namespace":"ns"},{"_namespace":"ns"}]`},
		{"a part that only one has", "+r /attributes/a", "", `[{"thingId":"ns:t"},{"thingId":"ns:t","attributes":{"a":1}}]`},
		{"selected of a part", "+r /attributes/a", "attributes,_revision", `[{"_revision":7},{"attributes":{"a":1},"_revision":7}]`},
		{"nothing", "+w /", "", `[]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fields := ""
			if tc.fields != "" {
				fields = fmt.Sprintf(`,"fields":%q`, tc.fields)
			}
			env := decode(t, `{"topic":"_/_/things/twin/commands/retrieve","path":"/"`+fields+`,"value":{"thingIds":["a:b"]}}`)
			r, refused := NewRetrieveThings(env)
			if refused != nil {
				t.Fatal(refused)
			}
			who := newWorld(me) // without the policy of the last thing
			who.permit("ns:p", tc.rights)
			var parts [][]byte
			for _, st := range states {
				part, err := r.Part(st, who, now, nil)
				if err != nil {
					t.Fatal(err)
				}
				parts = append(parts, part)
			}
			want := Response{Action: protocol.Retrieve, Status: 200, Value: []byte(tc.want)}
			if diff := cmp.Diff(want, r.Response(parts)); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
		})
	}
}

func decode(t *testing.T, frame string) *protocol.Envelope {
	t.Helper()
	env := &protocol.Envelope{}
	if err := protocol.Decode([]byte(frame), env); err != nil {
		t.Fatalf("%s: %v", frame, err)
	}
	return env
}

// codeOf returns status and code of an error, "" of none.
func codeOf(err *protocol.Error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%d %s", err.Status, err.Code)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
