package model

import "testing"

func TestWritable(t *testing.T) {
	root := func(grant, revoke []string) []Resource {
		return []Resource{{Key: "thing:/"}, {Key: "policy:/", Grant: grant, Revoke: revoke}}
	}
	write, none := []string{"READ", "WRITE"}, []string(nil)
	me, other := Subject{ID: "a:me"}, Subject{ID: "a:other"}
	expiring := Subject{ID: "a:me", Expiry: now}
	for _, c := range []struct {
		name    string
		entries []Entry
		want    bool
	}{
		{"no entries", nil, false},
		{"a writer", []Entry{{Subjects: []Subject{me}, Resources: root(write, none)}}, true},
		{"no subject", []Entry{{Resources: root(write, none)}}, false},
		{"only a subject that expires", []Entry{{Subjects: []Subject{expiring}, Resources: root(write, none)}}, false},
		{"a subject that expires and one that does not", []Entry{{Subjects: []Subject{expiring, other}, Resources: root(write, none)}}, true},
		{"only READ", []Entry{{Subjects: []Subject{me}, Resources: root([]string{"READ"}, none)}}, false},
		{"granted and revoked", []Entry{{Subjects: []Subject{me}, Resources: root(write, write)}}, false},
		{"another permission revoked", []Entry{{Subjects: []Subject{me}, Resources: root(write, []string{"READ"})}}, true},
		{"only below the root", []Entry{{Subjects: []Subject{me}, Resources: []Resource{{Key: "policy:/entries", Grant: write}}}}, false},
		{"only on things", []Entry{{Subjects: []Subject{me}, Resources: []Resource{{Key: "thing:/", Grant: write}}}}, false},
		{"revoked elsewhere", []Entry{
			{Subjects: []Subject{me}, Resources: root(write, none)}, {Subjects: []Subject{me}, Resources: root(none, write)},
		}, false},
		{"revoked elsewhere before", []Entry{
			{Subjects: []Subject{me}, Resources: root(none, write)}, {Subjects: []Subject{me}, Resources: root(write, none)},
		}, false},
		{"revoked from somebody else", []Entry{
			{Subjects: []Subject{me}, Resources: root(write, none)}, {Subjects: []Subject{other}, Resources: root(none, write)},
		}, true},
		{"revoked elsewhere below the root", []Entry{
			{Subjects: []Subject{me}, Resources: root(write, none)},
			{Subjects: []Subject{me}, Resources: []Resource{{Key: "policy:/entries", Revoke: write}}},
		}, true},
		{"by a reference", []Entry{
			{Label: "who", Subjects: []Subject{me}},
			{Label: "what", Resources: root(write, none), References: []Reference{local("who")}},
		}, true},
		{"by a reference to one that expires", []Entry{
			{Label: "who", Subjects: []Subject{expiring}},
			{Label: "what", Subjects: []Subject{me}, Resources: root(write, none), References: []Reference{local("who")}},
		}, false},
		{"not allowed by what is referred to", []Entry{
			allowing(Entry{Label: "who", Subjects: []Subject{me}}, AddSubjects),
			{Label: "what", Resources: root(write, none), References: []Reference{local("who")}},
		}, false},
	} {
		p := &Policy{ID: "ns:p", Entries: c.entries}
		if got := p.Writable(); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
		p.Imports = []Import{{ID: "ns:b"}}
		if !p.Writable() {
			t.Errorf("%s, with an import: not writable", c.name)
		}
	}
}
