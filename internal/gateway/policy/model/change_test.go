package model

import (
	"testing"
)

// TestChangesAreCopies checks what every change makes of a policy, and that it leaves the policy alone.
func TestChangesAreCopies(t *testing.T) {
	const before = `{"policyId":"ns:p","imports":{"ns:b":{"entries":[]},"ns:c":{"entries":[]}},"entries":{` +
		`"l":{"subjects":{"a:b":{"type":"t"},"a:c":{"type":"t"}},` +
		`"resources":{"thing:/":{"grant":[],"revoke":[]},"policy:/":{"grant":[],"revoke":[]}},"importable":"implicit"},` +
		`"m":{"subjects":{},"resources":{},"importable":"implicit"}}}`
	p := load(t, before)
	l := p.Entry("l")
	for name, c := range map[string]struct {
		got  *Policy
		want string
	}{
		"replace entry": {p.WithEntry(Entry{Label: "l", Importable: Never}), `{"policyId":"ns:p","imports":{"ns:b":{"entries":[]},"ns:c":{"entries":[]}},"entries":{` +
			`"l":{"subjects":{},"resources":{},"importable":"never"},"m":{"subjects":{},"resources":{},"importable":"implicit"}}}`},
		"add entry": {p.WithoutEntry("l").WithoutEntry("m").WithEntry(Entry{Label: "n"}), `{"policyId":"ns:p","imports":{"ns:b":{"entries":[]},"ns:c":{"entries":[]}},` +
			`"entries":{"n":{"subjects":{},"resources":{},"importable":"implicit"}}}`},
		"imports": {p.WithoutEntry("l").WithoutEntry("m").WithImport(Import{ID: "ns:b", Entries: []string{"x"}}).WithoutImport("ns:c").
			WithImport(Import{ID: "ns:d"}), `{"policyId":"ns:p","imports":{"ns:b":{"entries":["x"]},"ns:d":{"entries":[]}},"entries":{}}`},
		"no imports": {p.WithoutEntry("l").WithoutEntry("m").WithoutImport("ns:b").WithoutImport("ns:c"), `{"policyId":"ns:p","entries":{}}`},
		"subjects and resources": {
			(&Policy{ID: "ns:p"}).WithEntry(l.WithSubject(Subject{ID: "a:b", Type: "u"}).WithoutSubject("a:c").WithSubject(Subject{ID: "a:d"}).
				WithResource(Resource{Key: "thing:/", Grant: []string{"READ"}}).WithoutResource("policy:/").WithResource(Resource{Key: "x:/"})),
			`{"policyId":"ns:p","entries":{"l":{"subjects":{"a:b":{"type":"u"},"a:d":{"type":""}},` +
				`"resources":{"thing:/":{"grant":["READ"],"revoke":[]},"x:/":{"grant":[],"revoke":[]}},"importable":"implicit"}}}`,
		},
		"clone": {p.Clone(), before},
	} {
		if got := string(c.got.Append(nil)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
		if got := string(p.Append(nil)); got != before {
			t.Fatalf("%s changed the policy:\n%s", name, got)
		}
	}
	clone := p.Clone()
	clone.Entries[0].Label, clone.Imports[0].ID = "x", "ns:x"
	if got := string(p.Append(nil)); got != before {
		t.Errorf("a change of the clone changed the policy:\n%s", got)
	}
}

func TestLookUps(t *testing.T) {
	p := load(t, `{"policyId":"ns:p","imports":{"ns:b":{"entries":[]}},"entries":{"l":{"subjects":{"a:b":{"type":"t"}},`+
		`"resources":{"thing:/":{"grant":[],"revoke":[]}},"importable":"implicit"}}}`)
	l := p.Entry("l")
	if l == nil || l.Subject("a:b") == nil || l.Resource("thing:/") == nil || p.Import("ns:b") == nil {
		t.Error("something is not found")
	}
	if p.Entry("m") != nil || l.Subject("a:c") != nil || l.Resource("thing:/a") != nil || p.Import("ns:c") != nil {
		t.Error("something is found that is not there")
	}
}

func load(t *testing.T, doc string) *Policy {
	t.Helper()
	p, err := Load([]byte(doc))
	if err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	if got := string(p.Append(nil)); got != doc {
		t.Fatalf("loaded and written:\n%s\nbefore:\n%s", got, doc)
	}
	return p
}
