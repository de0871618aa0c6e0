package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// library is a directory of open policies that counts how often it is asked.
type library struct {
	policies map[string]string
	asked    map[string]int
}

func (l *library) Policy(id string) (*model.Policy, bool) {
	l.asked[id]++
	p, err := model.Load([]byte(l.policies[id]))
	return p, err == nil
}

func (l *library) Rights(id string) *enforcer.Rights {
	l.asked["rights of "+id]++
	p, err := model.Load([]byte(l.policies[id]))
	if err != nil {
		return nil
	}
	return Enforcer(p, nil, nil, "ns").Everywhere([]string{"nginx:me"})
}

// newLibrary returns a directory with the policies ns:b0 to ns:b9, which import ns:deep, and ns:huge.
func newLibrary() *library {
	l := &library{policies: map[string]string{}, asked: map[string]int{}}
	add := func(id, imports, more string) {
		l.policies[id] = `{"policyId":"` + id + `","imports":{` + imports + `},"entries":{` + owner + more + `}}`
	}
	add("ns:deep", "", "")
	for i := range 10 {
		add(fmt.Sprintf("ns:b%d", i), `"ns:deep":{"entries":[]}`, "")
	}
	var subjects []string
	for i := range 5_000 {
		subjects = append(subjects, fmt.Sprintf(`"s:%d":{"type":"t"}`, i))
	}
	add("ns:huge", "", `,"huge":{"subjects":{`+strings.Join(subjects, ",")+`},"resources":{},"importable":"implicit"}`)
	return l
}

// decideWith decides a command of nginx:me on the policy.
func decideWith(t *testing.T, directory Directory, before *State, action, path, value string) (Outcome, *protocol.Error) {
	t.Helper()
	frame := fmt.Sprintf(`{"topic":"ns/p/policies/commands/%s","headers":{"policy-view":"resolved"},"path":%q`, action, path)
	if value != "" {
		frame += `,"value":` + value
	}
	var env protocol.Envelope
	if err := protocol.Decode([]byte(frame+"}"), &env); err != nil {
		t.Fatal(err)
	}
	c, err := NewCommand(&env)
	if err != nil {
		t.Fatal(err)
	}
	subjects := []string{"nginx:me"}
	who := Requester{Subjects: subjects, Directory: directory}
	if before.Exists() {
		p, _ := before.Policy()
		who.Rights = Enforcer(p, nil, nil, "ns").Everywhere(subjects)
	}
	return Decide(before, c, who, now, defaultSettings())
}

// crowded is a policy that imports as much as there may be, and takes it over by two of three references.
func crowded() *State {
	return state(policyOf(`"imports":{"ns:b0":{"entries":[],"transitiveImports":["ns:deep"]},"ns:b1":{"entries":[]}},"entries":{` + owner +
		`,"e":{"subjects":{},"resources":{},"importable":"implicit","references":[{"import":"ns:b0","entry":"owner"},{"entry":"owner"}]}` +
		`,"plain":{"subjects":{},"resources":{},"importable":"implicit"}}`))
}

// TestWhatCommandsLookAt says which policies are looked at for a command. Finding out what a policy is and what it permits is
// expensive, so that this is done once, and only for commands that depend on it.
func TestWhatCommandsLookAt(t *testing.T) {
	const entry = `{"subjects":{},"resources":{},"importable":"implicit"}`
	for _, c := range []struct{ action, path, value, want string }{
		{"modify", "/entries/e/references", `[]`, ""},
		{"modify", "/entries/plain/references", `[]`, ""},
		{"modify", "/entries/e/references", `[{"entry":"owner"}]`, ""},
		{"modify", "/entries/e/references", `[{"import":"ns:b0","entry":"owner"}]`, "ns:b0"},
		{"modify", "/entries/e/references", `[{"entry":"plain"}]`, "ns:b0 ns:b1 ns:deep"},
		{"modify", "/entries/plain/references", `[{"entry":"owner"}]`, "ns:b0 ns:b1 ns:deep"},
		{"modify", "/entries/plain", entry, ""},
		{"modify", "/entries/e", entry, ""},
		{"modify", "/entries/new", entry, ""},
		{"modify", "/entries/e/subjects", `{}`, ""},
		{"modify", "/entries/e/importable", `"never"`, ""},
		{"delete", "/entries/e", "", ""},
		{"delete", "/entries/e/references", "", ""},
		{"delete", "/imports/ns:b1", "", ""},
		{"modify", "/imports/ns:b0/transitiveImports", `[]`, "ns:b0 ns:b1 rights of ns:b0"},
		{"modify", "/imports/ns:b2", `{}`, "ns:b0 ns:b1 ns:b2 ns:deep rights of ns:b2"},
		{"retrieve", "/", "", "ns:b0 ns:b1 ns:deep rights of ns:b0 rights of ns:b1 rights of ns:deep"},
	} {
		l := newLibrary()
		if _, err := decideWith(t, l, crowded(), c.action, c.path, c.value); err != nil {
			t.Errorf("%s %s %s: %+v", c.action, c.path, c.value, err)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(l.asked)), " "); got != c.want {
			t.Errorf("%s %s %s looks at %q, want %q", c.action, c.path, c.value, got, c.want)
		}
		for what, times := range l.asked {
			if times > 1 {
				t.Errorf("%s %s %s asks for %s %d times", c.action, c.path, c.value, what, times)
			}
		}
	}
}

// TestCreatingLooksOnce is TestWhatCommandsLookAt for a policy that is created.
func TestCreatingLooksOnce(t *testing.T) {
	l := newLibrary()
	if _, err := decideWith(t, l, nil, "create", "/", string(crowded().Doc)); err != nil {
		t.Error(err)
	}
	for what, times := range l.asked {
		if times > 1 {
			t.Errorf("it asks for %s %d times", what, times)
		}
	}
}

// TestTooMuchIsNotWritten says which changes are refused because the policy would take over too much, as ns:huge does if two
// take it over. A policy that does so already can be made less, and otherwise be changed.
func TestTooMuchIsNotWritten(t *testing.T) {
	const badImport, badEntry = "policies:import.invalid", "policies:entry.invalid"
	imports := func(ids ...string) string {
		var members []string
		for _, id := range ids {
			members = append(members, `"`+id+`":{"entries":[]}`)
		}
		return `{` + strings.Join(members, ",") + `}`
	}
	with := func(imports, more string) string {
		return policyOf(`"imports":` + imports + `,"entries":{` + owner + more + `}`)
	}
	const (
		plain   = `,"plain":{"subjects":{},"resources":{},"importable":"implicit"}`
		small   = `{"subjects":{},"resources":{},"importable":"implicit","references":[{"entry":"owner"}]}`
		huge    = `{"subjects":{},"resources":{},"importable":"implicit","references":[{"import":"ns:huge","entry":"huge"}]}`
		tooMuch = `,"e":` + huge
	)
	for _, c := range []struct{ name, before, action, path, value, want string }{
		{"one", with(`{}`, ""), "modify", "/imports", imports("ns:huge"), ""},
		{"two", with(`{}`, ""), "modify", "/imports", imports("ns:huge", "ns:huge2"), badImport},
		{"a second", with(imports("ns:huge"), ""), "modify", "/imports/ns:huge2", `{}`, badImport},
		{"the whole policy", with(`{}`, ""), "modify", "/", with(imports("ns:huge", "ns:huge2"), ""), badImport},
		{"a new policy", "", "create", "/", with(imports("ns:huge", "ns:huge2"), ""), badImport},
		{"by references", with(imports("ns:huge"), plain), "modify", "/entries/plain/references", `[{"import":"ns:huge","entry":"huge"}]`, badEntry},
		{"by an entry", with(imports("ns:huge"), ""), "modify", "/entries/e", huge, badEntry},
		{"by entries", with(imports("ns:huge"), ""), "modify", "/entries", `{` + owner + `,"e":` + huge + `}`, badEntry},
		{"by a new policy", "", "create", "/", with(imports("ns:huge"), tooMuch), badEntry},

		{"more, where there is too much", with(imports("ns:huge"), plain+tooMuch), "modify", "/entries/plain/references", `[{"entry":"owner"}]`, badEntry},
		{"less", with(imports("ns:huge"), tooMuch), "modify", "/entries/e/references", `[]`, ""},
		{"the same", with(imports("ns:huge"), tooMuch), "modify", "/entries/e", huge, ""},
		{"less by an entry", with(imports("ns:huge"), tooMuch), "modify", "/entries/e", small, ""},
		{"without an entry", with(imports("ns:huge"), tooMuch), "delete", "/entries/e", "", ""},
		{"less imports", with(imports("ns:huge", "ns:huge2"), ""), "delete", "/imports/ns:huge", "", ""},
		{"no imports", with(imports("ns:huge", "ns:huge2"), ""), "modify", "/imports", `{}`, ""},
		{"something else", with(imports("ns:huge"), tooMuch), "modify", "/entries/e/subjects", `{}`, ""},
	} {
		l := newLibrary()
		l.policies["ns:huge2"] = strings.Replace(l.policies["ns:huge"], "ns:huge", "ns:huge2", 1)
		var before *State
		if c.before != "" {
			before = state(c.before)
		}
		_, err := decideWith(t, l, before, c.action, c.path, c.value)
		got := ""
		if err != nil {
			got = err.Code
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q (%+v)", c.name, got, c.want, err)
		}
	}
}
