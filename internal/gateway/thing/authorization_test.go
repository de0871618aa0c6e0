package thing

import (
	"fmt"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// places are all that a thing has, with a value for it, what is below it, and how it is called in codes.
var places = []struct{ path, value, below, code string }{
	{"/", `{"attributes":{"b":1}}`, "/attributes", "thing"},
	{"/policyId", `"ns:q"`, "", "policyId"},
	{"/definition", `"ns:d:2"`, "", "definition"},
	{"/attributes", `{"b":1}`, "/attributes/a", "attributes"},
	{"/attributes/o", `{"z":1}`, "/attributes/o/x", "attribute"},
	{"/attributes/o/x", `2`, "/attributes/o/x/deep", "attribute"},
	{"/features", `{"g":{}}`, "/features/f", "features"},
	{"/features/f", `{"properties":{}}`, "/features/f/properties", "feature"},
	{"/features/f/definition", `["ns:fd:2"]`, "", "feature.definition"},
	{"/features/f/properties", `{"b":1}`, "/features/f/properties/p", "feature.properties"},
	{"/features/f/properties/o/x", `2`, "", "feature.property"},
	{"/features/f/desiredProperties", `{"b":1}`, "/features/f/desiredProperties/p", "feature.desiredProperties"},
	{"/features/f/desiredProperties/o", `2`, "/features/f/desiredProperties/o/x", "feature.desiredProperty"},
}

// send has a command on the lamp decided for nginx:me, who has these rights.
func send(action, path, value, rights string) (Outcome, *protocol.Error) {
	who := newWorld(me)
	who.permit("ns:p", rights)
	if value != "" {
		value = `,"value":` + value
	}
	frame := fmt.Sprintf(`{"topic":"ns/t/things/twin/commands/%s","headers":{"content-type":"application/merge-patch+json"},"path":%q%s}`,
		action, path, value)
	return decideFrame([]byte(frame), fixtures["lamp"], Limits{MaxSize: DefaultMaxSize}, who)
}

// TestWritePermission checks who may change what: those who have WRITE on all that they change, and not those who may read it
// or change what is around it, beside it or only some of it.
func TestWritePermission(t *testing.T) {
	for _, place := range places {
		modify := "403 things:" + place.code + ".notmodifiable"
		remove, value := modify, place.value
		if place.path == "/" {
			remove = "403 things:thing.notdeletable"
		}
		for _, tc := range []struct {
			name, rights string
			allowed      bool
		}{
			{"all of it", "+w " + place.path, true},
			{"everything", "+w /", true},
			{"everything but it", "+w / -w " + place.path, false},
			{"nothing", "", false},
			{"reading", "+r /", false},
			{"the policy", "+rw policy:/ +rw message:/", false},
			{"it granted and revoked", "+w " + place.path + " -w " + place.path, false},
			{"not what is below, if there were anything", "+w / -w " + orElse(place.below, place.path+"/x"), false},
			{"only what is below", "+w " + orElse(place.below, place.path+"/x"), false},
			{"what is below granted again", "+w / -w " + place.path + " +w " + orElse(place.below, place.path+"/x"), false},
		} {
			t.Run(place.path+" "+tc.name, func(t *testing.T) {
				for action, denied := range map[string]string{"modify": modify, "delete": remove} {
					if action == "delete" {
						if place.code == "policyId" {
							continue // no command
						}
						value = ""
					} else {
						value = place.value
					}
					want := denied
					if tc.allowed {
						want = ""
					}
					outcome, err := send(action, place.path, value, tc.rights)
					if codeOf(err) != want || (outcome.Event != nil) != tc.allowed {
						t.Errorf("%s: refused with %q, want %q", action, codeOf(err), want)
					}
				}
			})
		}
	}
}

// TestMergePermission checks that a merge is refused with the same error wherever it is, that who may write its path may send
// it, and that otherwise it is a matter of the leaves.
func TestMergePermission(t *testing.T) {
	const denied = "403 things:thing.notmodifiable"
	for _, place := range places {
		for _, tc := range []struct{ name, rights, want string }{
			{"all of it", "+w " + place.path, ""},
			{"nothing", "", denied},
			{"reading", "+r /", denied},
			{"everything but it", "+w / -w " + place.path, denied},
			{"only what is not in the patch", "+w " + place.path + "/other", denied},
			{"all but what is not in the patch", "+w " + place.path + " -w " + place.path + "/other", unless(place.value[0] == '{', "", denied)},
		} {
			t.Run(place.path+" "+tc.name, func(t *testing.T) {
				if _, err := send("merge", place.path, place.value, tc.rights); codeOf(err) != tc.want {
					t.Errorf("refused with %q, want %q", codeOf(err), tc.want)
				}
			})
		}
	}
}

func unless(condition bool, then, otherwise string) string {
	if condition {
		return then
	}
	return otherwise
}

// TestReadPermission checks who may retrieve what, and that what must not be read looks as if it did not exist.
func TestReadPermission(t *testing.T) {
	for _, place := range places {
		p := pointer(t, place.path)
		whole, _ := fixtures["lamp"].Get(p)
		absent := "404 things:" + place.code + ".notfound"
		for _, tc := range []struct{ name, rights, want string }{
			{"all of it", "+r " + place.path, ""},
			{"everything", "+r /", ""},
			{"nothing", "", absent},
			{"writing", "+w /", absent},
			{"everything but it", "+r / -r " + place.path, absent},
			{"it granted and revoked", "+r " + place.path + " -r " + place.path, absent},
			{"what is beside it", "+r /other +r /attributes/other +r /features/other", unless(place.path == "/" || place.path == "/attributes" || place.path == "/features", "partial", absent)},
		} {
			t.Run(place.path+" "+tc.name, func(t *testing.T) {
				outcome, err := send("retrieve", place.path, "", tc.rights)
				if tc.want == "partial" {
					// There is something that could be read, but the thing does not have it.
					if value := string(outcome.Response.Value); place.path == "/" && (err != nil || value != `{"thingId":"ns:t"}`) ||
						place.path != "/" && codeOf(err) != absent {
						t.Errorf("refused with %q, answered %s", codeOf(err), value)
					}
					return
				}
				if codeOf(err) != tc.want {
					t.Fatalf("refused with %q, want %q", codeOf(err), tc.want)
				}
				if err == nil && string(outcome.Response.Value) != string(whole) {
					t.Errorf("answered %s, want %s", outcome.Response.Value, whole)
				}
			})
		}
	}
}

// TestDeniedReadsTellNothing checks that the answer to a retrieve of what must not be read is the same whether it exists.
func TestDeniedReadsTellNothing(t *testing.T) {
	who := newWorld(me)
	who.permit("ns:p", "+r /definition")
	for _, place := range places[1:] {
		if place.path == "/definition" {
			continue
		}
		frame := fmt.Appendf(nil, `{"topic":"ns/t/things/twin/commands/retrieve","path":%q}`, place.path)
		_, present := decideFrame(frame, fixtures["lamp"], Limits{MaxSize: DefaultMaxSize}, who)
		_, absent := decideFrame(frame, fixtures["bare"], Limits{MaxSize: DefaultMaxSize}, who)
		if present == nil || absent == nil || *present != *absent {
			t.Errorf("%s: %+v if it exists, %+v if not", place.path, present, absent)
		}
	}
}

// TestEventsAreReduced checks what of an event is told to somebody who may not read all of it. The place of the event counts,
// not only what is in its value.
func TestEventsAreReduced(t *testing.T) {
	for _, tc := range []struct{ name, action, path, value, rights, want string }{
		{"the whole thing", "modify", "/", `{"attributes":{"a":1,"o":{"x":1}}}`, "+r /attributes/a",
			`{"thingId":"ns:t","attributes":{"a":1}}`},
		{"the whole thing, of which nothing is left but the id", "modify", "/", `{"attributes":{"b":1}}`, "+r /attributes/a", `{"thingId":"ns:t"}`},
		{"a merge without the id", "merge", "/", `{"attributes":{"a":null,"o":{"x":1,"y":2}}}`, "+r /attributes/o/y", `{"attributes":{"o":{"y":2}}}`},
		{"a merge of which nothing is left", "merge", "/", `{"attributes":{"a":null}}`, "+r /attributes/o", ""},
		{"a deletion by merge", "merge", "/", `{"attributes":{"a":null}}`, "+r /attributes/a", `{"attributes":{"a":null}}`},
		{"attributes", "modify", "/attributes", `{"a":1,"o":{"x":1}}`, "+r /attributes/a", `{"a":1}`},
		{"attributes without what may be read", "modify", "/attributes", `{"o":{"x":1}}`, "+r /attributes/a", ""},
		{"what has the same name elsewhere", "modify", "/attributes", `{"attributes":{"a":1}}`, "+r /attributes/a", ""},
		{"what is always visible of a thing is not in its attributes", "modify", "/attributes", `{"thingId":"x","a":1}`, "+r /attributes/a", `{"a":1}`},
		{"below what may be read", "modify", "/attributes/o", `{"x":1}`, "+r /attributes", `{"x":1}`},
		{"below what may be read, but for a part", "modify", "/attributes/o", `{"x":1,"y":{"z":2}}`, "+r /attributes -r /attributes/o/y", `{"x":1}`},
		{"a scalar", "modify", "/attributes/a", `5`, "+r /attributes", `5`},
		{"a scalar beside", "modify", "/attributes/a", `5`, "+r /attributes/o", ""},
		{"a scalar where something below could be read", "modify", "/attributes/o", `5`, "+r /attributes/o/x", ""},
		{"an array of objects", "modify", "/attributes/o", `[{"x":1,"y":2},3]`, "+r /attributes/o/x", `[{"x":1}]`},
		{"an empty object", "modify", "/attributes/o", `{}`, "+r /attributes/o", `{}`},
		{"an empty object where something below could be read", "modify", "/attributes/o", `{}`, "+r /attributes/o/x", ""},
		{"a feature", "modify", "/features/f", `{"properties":{"p":1,"q":2},"definition":["ns:fd:1"]}`, "+r /features/f/properties/q", `{"properties":{"q":2}}`},
		{"properties", "merge", "/features/f/properties", `{"p":1,"o":{"x":2}}`, "+r /features/f/properties/o", `{"o":{"x":2}}`},
		{"a deletion", "delete", "/attributes/a", "", "+r /attributes", "-"},
		{"a deletion beside", "delete", "/attributes/a", "", "+r /attributes/o", ""},
		{"a deletion of what is around", "delete", "/attributes", "", "+r /attributes/a", ""},
		{"a deletion of what may be read but for a part", "delete", "/attributes", "", "+r / -r /attributes/a", "-"},
		{"the deletion of the thing", "delete", "/", "", "+r /attributes", ""},
		{"the deletion of a thing that may be read but for a part", "delete", "/", "", "+r / -r /attributes", "-"},
		{"nothing", "modify", "/", `{}`, "+w /", ""},
		{"the policy is something else", "modify", "/", `{}`, "+rw policy:/", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			outcome, err := send(tc.action, tc.path, tc.value, everything)
			if err != nil {
				t.Fatal(err)
			}
			value, told := outcome.Event.Reduced(rightsOf(t, tc.rights))
			got := string(value)
			if told && value == nil {
				got = "-"
			}
			if told != (tc.want != "") || got != tc.want {
				t.Errorf("told %t: %s, want %s", told, got, tc.want)
			}
		})
	}
}

// TestVisible checks what is left of a thing for somebody who may not read all of it.
func TestVisible(t *testing.T) {
	for _, tc := range []struct{ rights, want string }{
		{"", ""},
		{"+w / +r policy:/", ""},
		{"+r /", lamp},
		{"+r /attributes/none", `{"thingId":"ns:t"}`},
		{"+r /policyId", `{"thingId":"ns:t","policyId":"ns:p"}`},
		{"+r / -r /policyId -r /definition -r /features", `{"thingId":"ns:t","attributes":{"a":1,"o":{"x":1,"y":2}}}`},
		{"+r / -r /thingId -r /definition -r /features -r /attributes", `{"thingId":"ns:t","policyId":"ns:p"}`},
		{"+r /features/f/properties/o/y +r /attributes/o -r /attributes/o/x",
			`{"thingId":"ns:t","attributes":{"o":{"y":2}},"features":{"f":{"properties":{"o":{"y":2}}}}}`},
	} {
		doc, ok := Visible(fixtures["lamp"], rightsOf(t, tc.rights))
		if string(doc) != tc.want || ok != (tc.want != "") {
			t.Errorf("with %q: %t %s, want %s", tc.rights, ok, doc, tc.want)
		}
	}
	if doc, ok := Visible(fixtures["lamp"], nil); ok {
		t.Errorf("without any rights: %s", doc)
	}
}

// TestViewOfSpecialFields checks that what is selected does not add to what may be read.
func TestViewOfSpecialFields(t *testing.T) {
	who := newWorld(me)
	who.permit("ns:p", "+r /attributes/a +r policy:/entries/mine")
	rights, _ := who.ThingRights("ns:p", "ns")
	doc, _ := Visible(fixtures["lamp"], rights)
	for fields, want := range map[string]string{
		"attributes,policyId,definition": `{"attributes":{"a":1}}`,
		"_policy":                        `{"_policy":{"policyId":"ns:p","entries":{"mine":` + entryOf(t, who) + `}}}`,
		"_policy/entries/other":          `{}`,
		"_revision,_policy/policyId":     `{"_revision":7,"_policy":{"policyId":"ns:p"}}`,
		"_metadata,_context":             `{}`,
	} {
		sel, err := document.ParseSelector(fields)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(View(fixtures["lamp"], doc, sel, rights, who)); got != want {
			t.Errorf("%s: %s, want %s", fields, got, want)
		}
	}
}

// entryOf returns the entry mine of the policy ns:p.
func entryOf(t *testing.T, who *world) string {
	entry, ok := document.Get(who.policies["ns:p"].Doc, document.Pointer{"entries", "mine"})
	if !ok {
		t.Fatal("no entry")
	}
	return string(entry)
}

// TestCreationRulesSeeTheDefinition checks what the rules of the server are asked.
func TestCreationRulesSeeTheDefinition(t *testing.T) {
	asked := &asking{world: newWorld(me)}
	frame := `{"topic":"ns/t/things/twin/commands/create","path":"/","value":{"policyId":"ns.deep:x","definition":"a:b:1",` +
		`"_policy":{"entries":{}}}}`
	c, err := NewCommand(decode(t, frame))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = Decide(nil, c, asked, now, Limits{MaxSize: DefaultMaxSize})
	if want := "[things ns a:b:1]"; fmt.Sprint(asked.questions) != want {
		t.Errorf("asked for %v, want %s", asked.questions, want)
	}
}

// asking is a world that remembers what it was asked.
type asking struct {
	*world
	questions []string
}

func (a *asking) MayCreate(group protocol.Group, namespace, definition string) bool {
	name := map[protocol.Group]string{protocol.Things: "things", protocol.Policies: "policies"}[group]
	a.questions = append(a.questions, name+" "+namespace+" "+definition)
	return true
}
