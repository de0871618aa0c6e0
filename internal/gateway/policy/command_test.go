package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// command makes a command of an envelope with this topic and these members.
func command(t testing.TB, topic, members string) (*Command, *protocol.Error) {
	t.Helper()
	var env protocol.Envelope
	if err := protocol.Decode(fmt.Appendf(nil, `{"topic":%q,%s}`, topic, members), &env); err != nil {
		t.Fatalf("%s %s: %v", topic, members, err)
	}
	return NewCommand(&env)
}

func TestCommandAddress(t *testing.T) {
	const value = `"path":"/","value":{"entries":{}}`
	for topic, want := range map[string]string{
		"ns/p/policies/commands/create":                                "",
		"/p/policies/commands/create":                                  "",
		"ns/_/policies/commands/create":                                "protocoladapter:unknown.topicpath",
		"_/_/policies/commands/create":                                 "protocoladapter:unknown.topicpath",
		"1/p/policies/commands/create":                                 "policies:id.invalid",
		"ns/ä/policies/commands/create":                                "policies:id.invalid",
		"ns/" + strings.Repeat("p", 254) + "/policies/commands/create": "policies:id.invalid",
		"ns/p/policies/commands/merge":                                 "protocoladapter:unknown.topicpath",
		"ns/p/policies/commands/checkPermissions":                      "protocoladapter:unknown.topicpath",
	} {
		c, err := command(t, topic, value)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: refused with %v", topic, err)
		case want == "" && c.ID != c.Namespace+":p":
			t.Errorf("%s: about %s", topic, c.ID)
		case want != "" && (err == nil || err.Code != want):
			t.Errorf("%s: refused with %v, want %s", topic, err, want)
		}
	}
}

// combinations is the table of the protocol: which commands there are.
const combinations = `
/                                c m r d
/entries                           m r
/entries/L                         m r d
/entries/L/subjects                m r
/entries/L/subjects/a:b            m r d
/entries/L/resources               m r
/entries/L/resources/thing:/       m r d
/entries/L/importable              m r
/entries/L/namespaces              m r
/entries/L/allowedAdditions        m r d
/entries/L/references              m r d
/imports                           m r d
/imports/ns:q                      m r d
/imports/ns:q/entries              m r
/imports/ns:q/transitiveImports    m r
`

// values are such as can be at a path.
var values = map[string]string{
	"/": `{"entries":{}}`, "/entries": `{}`, "/entries/L": `{"subjects":{},"resources":{}}`, "/entries/L/subjects": `{}`,
	"/entries/L/subjects/a:b": `{"type":""}`, "/entries/L/resources": `{}`, "/entries/L/resources/thing:/": `{"grant":[],"revoke":[]}`,
	"/entries/L/importable": `"never"`, "/entries/L/namespaces": `[]`, "/entries/L/allowedAdditions": `[]`,
	"/entries/L/references": `[]`, "/imports": `{}`, "/imports/ns:q": `{}`, "/imports/ns:q/entries": `[]`,
	"/imports/ns:q/transitiveImports": `[]`,
}

func TestCommandCombinations(t *testing.T) {
	for line := range strings.Lines(strings.TrimSpace(combinations)) {
		words := strings.Fields(line)
		path, there := words[0], words[1:]
		for _, action := range []string{"create", "modify", "retrieve", "delete", "merge", "migrate"} {
			_, err := command(t, "ns/p/policies/commands/"+action, fmt.Sprintf(`"path":%q,"value":%s`, path, values[path]))
			is := strings.Contains(strings.Join(there, ""), action[:1]) && action != "merge" && action != "migrate"
			if is && err != nil {
				t.Errorf("%s %s: refused with %v: %s", action, path, err, err.Description)
			}
			if !is && (err == nil || err.Code != "protocoladapter:unknown.topicpath") {
				t.Errorf("%s %s: %v", action, path, err)
			}
		}
	}
}

// TestCommandValueTypes checks that a value of no other type than the right one is taken.
func TestCommandValueTypes(t *testing.T) {
	for path, value := range values {
		for _, other := range []string{`null`, `true`, `1`, `"x"`, `[]`, `{}`, `[1]`} {
			if document.KindOf([]byte(other)) == document.KindOf([]byte(value)) {
				continue
			}
			_, err := command(t, "ns/p/policies/commands/modify", fmt.Sprintf(`"path":%q,"value":%s`, path, other))
			if err == nil || err.Status != 400 {
				t.Errorf("%s at %s: %v", other, path, err)
			}
		}
		if _, err := command(t, "ns/p/policies/commands/modify", fmt.Sprintf(`"path":%q`, path)); err == nil || err.Code != "json.invalid" {
			t.Errorf("no value at %s: %v", path, err)
		}
	}
}

// TestCommandIsCheckedAtOnce checks that what is wrong whatever the state does not get as far as Decide, and what depends on
// the time, the requester and the settings does.
func TestCommandIsCheckedAtOnce(t *testing.T) {
	const topic = "ns/p/policies/commands/modify"
	for members, want := range map[string]string{
		`"path":"/entries/L/subjects/a:b","value":{"type":"t","expiry":"2001-01-01T00:00:00Z"}`:                                            "",
		`"path":"/entries/L/subjects/{{ request:subjectId }}","value":{"type":"t"}`:                                                        "",
		`"path":"/imports","value":{"a:1":{},"a:2":{},"a:3":{},"a:4":{},"a:5":{},"a:6":{},"a:7":{},"a:8":{},"a:9":{},"a:10":{},"a:11":{}}`: "",
		`"path":"/entries/L/subjects/a:b","value":{"type":"t","expiry":"tomorrow"}`:                                                        "policies:subjectexpiry.invalid",
		`"path":"/entries/L/subjects/{{ foo:bar }}","value":{"type":"t"}`:                                                                  "placeholder:unresolved",
		`"path":"/entries/L/subjects/a","value":{"type":"t"}`:                                                                              "policies:subjectid.invalid",
		`"path":"/entries/imported-x","value":{"subjects":{},"resources":{}}`:                                                              "policies:label.invalid",
	} {
		_, err := command(t, topic, members)
		got := ""
		if err != nil {
			got = err.Code
		}
		if got != want {
			t.Errorf("%s: refused with %q, want %q", members, got, want)
		}
	}
}

func TestCommandIsNotModified(t *testing.T) {
	c, err := command(t, "ns/p/policies/commands/modify", `"path":"/entries/owner/subjects/{{ request:subjectId }}","value":{"type":"{{ time:now }}"}`)
	if err != nil {
		t.Fatal(err)
	}
	before, value := c.Path.String(), string(c.Value)
	who := requester(t, fixtures["bare"], []string{"nginx:me"}, nil)
	if _, err := Decide(fixtures["bare"], c, who, now, defaultSettings()); err != nil {
		t.Fatal(err)
	}
	if c.Path.String() != before || string(c.Value) != value {
		t.Errorf("the command became %s at %s", c.Value, c.Path)
	}
}

func TestDamagedState(t *testing.T) {
	c, err := command(t, "ns/p/policies/commands/retrieve", `"path":"/"`)
	if err != nil {
		t.Fatal(err)
	}
	who := requester(t, fixtures["bare"], []string{"nginx:me"}, nil)
	for _, doc := range []string{"", "x", "{}", `{"policyId":"ns:p"}`} {
		st := &State{Revision: 1, Doc: []byte(doc)}
		if outcome, err := Decide(st, c, who, now, defaultSettings()); err == nil || err.Status != 500 || outcome.State != nil {
			t.Errorf("%q: %v, %v", doc, outcome, err)
		}
		if outcome := Expire(st, "L", "a:b", now); outcome.State != nil {
			t.Errorf("%q: expired", doc)
		}
	}
}
