package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

func TestDefault(t *testing.T) {
	p := Default("ns:t", "nginx:me")
	const all = `{"grant":["READ","WRITE"],"revoke":[]}`
	const want = `{"policyId":"ns:t","entries":{"DEFAULT":{"subjects":{"nginx:me":{"type":"generated"}},"resources":{"thing:/":` + all +
		`,"policy:/":` + all + `,"message:/":` + all + `},"importable":"implicit"}}}`
	if got := string(p.Append(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	outcome, err := Create(nil, p, false, requester(t, nil, []string{"nginx:me"}, nil), now, defaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	if got := string(outcome.State.Doc); got != want || outcome.State.Revision != 1 {
		t.Errorf("made revision %d of %s", outcome.State.Revision, got)
	}
	rights := Enforcer(p, nil, nil, "ns").InNamespace("ns", []string{"nginx:me"})
	for _, kind := range []enforcer.ResourceType{enforcer.Thing, enforcer.Policy, enforcer.Message} {
		if !rights.Unrestricted(kind, document.Pointer{}, enforcer.Read|enforcer.Write) || rights.Partial(kind, nil, enforcer.Execute) {
			t.Errorf("other rights on %d", kind)
		}
	}
}

// TestCreate checks what creating a policy together with a thing has in common with the command.
func TestCreate(t *testing.T) {
	me := []string{"nginx:me"}
	mine := Default("ns:p", "nginx:me")
	importing := func(id string) *model.Policy { return mine.WithImport(model.Import{ID: id}) }
	for name, c := range map[string]struct {
		prev     *State
		policy   *model.Policy
		lockout  bool
		subjects []string
		want     string
	}{
		"anew":                      {nil, mine, false, me, ""},
		"again":                     {fixtures["deleted"], mine, false, me, ""},
		"existing":                  {fixtures["bare"], mine, false, me, "policies:policy.conflict"},
		"of others":                 {nil, mine, false, []string{"nginx:you"}, "policies:policy.notcreatable"},
		"of others, knowingly":      {nil, mine, true, []string{"nginx:you"}, ""},
		"of nobody":                 {nil, &model.Policy{ID: "ns:p"}, true, me, "policies:policy.modificationinvalid"},
		"with an import":            {nil, importing("ns:open"), false, me, ""},
		"with one that is closed":   {nil, importing("ns:closed"), false, me, "policies:policy.notfound"},
		"with one that is absent":   {nil, importing("ns:nowhere"), false, me, "policies:policy.notfound"},
		"copy of what imports it":   {nil, Copy(importing("ns:open"), "ns:open"), false, me, "policies:import.invalid"},
		"with too long a text":      {nil, mine.WithEntry(model.Entry{Label: strings.Repeat("x", DefaultMaxSize)}), false, me, "policies:policy.toolarge"},
		"with a dangling reference": {nil, mine.WithEntry(model.Entry{Label: "n", References: []model.Reference{{Entry: "x"}}}), false, me, "policies:entry.invalid"},
	} {
		outcome, err := Create(c.prev, c.policy, c.lockout, requester(t, nil, c.subjects, nil), now, defaultSettings())
		if c.want != "" {
			if err == nil || err.Code != c.want || outcome.State != nil {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		st := outcome.State
		checkDocument(t, st)
		if st.Revision != c.prev.revision()+1 || st.Created != now || st.Modified != now || string(st.Doc) != string(c.policy.Append(nil)) {
			t.Errorf("%s: %+v", name, st)
		}
		if diff := cmp.Diff(&Event{Action: protocol.Created, Value: st.Doc}, outcome.Event); diff != "" {
			t.Errorf("%s: event (-want +got):\n%s", name, diff)
		}
	}
}

// TestCreateWithoutDirectory checks that without a directory there are no other policies.
func TestCreateWithoutDirectory(t *testing.T) {
	who := Requester{Subjects: []string{"nginx:me"}}
	p := Default("ns:p", "nginx:me")
	if _, err := Create(nil, p, false, who, now, defaultSettings()); err != nil {
		t.Errorf("refused with %v", err)
	}
	_, err := Create(nil, p.WithImport(model.Import{ID: "ns:open"}), false, who, now, defaultSettings())
	if err == nil || err.Code != "policies:policy.notfound" {
		t.Errorf("an import is refused with %v", err)
	}
	if _, err := Create(nil, p, false, Requester{}, now, defaultSettings()); err == nil || err.Code != "policies:policy.notcreatable" {
		t.Errorf("nobody is refused with %v", err)
	}
}

func TestRead(t *testing.T) {
	who := Requester{Subjects: []string{"nginx:me"}}
	const raw = `{"entries":{"n":{"subjects":{"{{ request:subjectId }}":{"type":"t"}},"resources":{}}}}`
	p, err := Read("ns:p", []byte(raw), who, now, defaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"policyId":"ns:p","entries":{"n":{"subjects":{"nginx:me":{"type":"t"}},"resources":{},"importable":"implicit"}}}`; string(p.Append(nil)) != want {
		t.Errorf("read %s, want %s", p.Append(nil), want)
	}
	if _, err := Read("p", []byte(raw), who, now, defaultSettings()); err == nil || err.Code != "policies:id.invalid" {
		t.Errorf("an id that is none: %v", err)
	}
	if _, err := Read("ns:p", []byte(`{"policyId":"ns:q","entries":{}}`), who, now, defaultSettings()); err == nil || err.Code != "policies:id.notsettable" {
		t.Errorf("another id: %v", err)
	}
}

func TestCopy(t *testing.T) {
	p, err := fixtures["importing"].Policy()
	if err != nil {
		t.Fatal(err)
	}
	before := string(p.Append(nil))
	copied := Copy(p, "ns:c")
	if want := strings.Replace(before, `"policyId":"ns:p"`, `"policyId":"ns:c"`, 1); string(copied.Append(nil)) != want {
		t.Errorf("copied %s, want %s", copied.Append(nil), want)
	}
	if string(p.Append(nil)) != before {
		t.Error("the original changed")
	}
}
