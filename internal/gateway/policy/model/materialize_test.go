package model

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func local(label string) Reference { return Reference{Entry: label} }

func allowing(e Entry, allowed ...Addition) Entry {
	e.AllowedAdditions, e.HasAllowedAdditions = allowed, true
	return e
}

func in(e Entry, namespaces ...string) Entry {
	e.Namespaces = namespaces
	return e
}

func referring(e Entry, references ...Reference) Entry {
	e.References = references
	return e
}

func TestReferences(t *testing.T) {
	template := in(entryOf("t t:s thing:/"), "t")
	template.Resources[0].Revoke = []string{"WRITE"}
	own := in(entryOf("e e:s thing:/a"), "e")
	for _, c := range []struct {
		name    string
		entries []Entry // the last one refers to the others
		want    string
	}{
		{"what is referred to comes first", []Entry{template, referring(own, local("t"))},
			"t:s e:s thing:/READ-WRITE thing:/aREAD-" + "t,e"},
		{"several", []Entry{template, entryOf("u u:s thing:/"), referring(own, local("t"), local("u"))},
			"t:s u:s e:s thing:/READ-WRITE thing:/aREAD-" + "t,e"},
		{"what is granted and revoked on the same resource is united", []Entry{template,
			referring(Entry{Label: "e", Resources: []Resource{{Key: "thing:/", Grant: []string{"EXECUTE", "x", "READ"}, Revoke: []string{"READ"}}}}, local("t"))},
			"t:s thing:/READEXECUTE-READWRITE" + "t"},
		{"references of what is referred to are not followed", []Entry{entryOf("u u:s"), referring(template, local("u")), referring(own, local("t"))},
			"t:s e:s thing:/READ-WRITE thing:/aREAD-" + "t,e"},
		{"never importable", []Entry{entryOf("!t t:s"), referring(own, local("t"))}, "e:s thing:/aREAD-" + "e"},
		{"never importable allows as little as nothing does", []Entry{allowing(entryOf("!t t:s")), referring(own, local("t"))},
			"e:s thing:/aREAD-" + "e"},
		{"explicit entries are no matter in the same policy", []Entry{entryOf("?t t:s"), referring(own, local("t"))}, "t:s e:s thing:/aREAD-" + "e"},
		{"missing", []Entry{referring(own, local("x"))}, "e:s thing:/aREAD-" + "e"},

		{"no additions", []Entry{allowing(template), referring(own, local("t"))}, "t:s thing:/READ-WRITE" + "t"},
		{"subjects only", []Entry{allowing(template, AddSubjects), referring(own, local("t"))}, "t:s e:s thing:/READ-WRITE" + "t"},
		{"resources only", []Entry{allowing(template, AddResources), referring(own, local("t"))}, "t:s thing:/READ-WRITE thing:/aREAD-" + "t"},
		{"namespaces only", []Entry{allowing(template, AddNamespaces), referring(own, local("t"))}, "t:s thing:/READ-WRITE" + "t,e"},
		{"what all allow", []Entry{allowing(template, AddSubjects, AddResources), allowing(entryOf("u u:s"), AddSubjects, AddNamespaces),
			entryOf("v v:s"), referring(own, local("t"), local("u"), local("v"))}, "t:s u:s v:s e:s thing:/READ-WRITE" + "t"},
		{"what the entry itself allows does not bind it", []Entry{template, allowing(referring(own, local("t")))},
			"t:s e:s thing:/READ-WRITE thing:/aREAD-" + "t,e"},
	} {
		p := &Policy{ID: "ns:p", Entries: c.entries}
		got := Resolve(p, nil, nil, "ns")
		last := len(c.entries) - 1
		if diff := cmp.Diff("e from ns:p/e: "+c.want, summary(got)[last]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if e := got.Entries[last]; e.References != nil || e.Importable != c.entries[last].Importable {
			t.Errorf("%s: the entry is %+v", c.name, e)
		}
	}
}

// TestReferencedSubjectWins checks which of two subjects with one id counts: they may expire at different times.
func TestReferencedSubjectWins(t *testing.T) {
	p := &Policy{ID: "ns:p", Entries: []Entry{
		{Label: "t", Subjects: []Subject{{ID: "a:b", Type: "theirs"}}},
		referring(Entry{Label: "e", Subjects: []Subject{{ID: "a:b", Type: "own"}}}, local("t")),
	}}
	if got := Resolve(p, nil, nil, "ns").Entries[1].Subjects; len(got) != 1 || got[0].Type != "theirs" {
		t.Errorf("the subjects are %+v", got)
	}
}

func TestImportReferences(t *testing.T) {
	src := policies{}
	src.add("ns:c", nil, "role c:s thing:/c", "deep c:d thing:/d")
	b := src.add("ns:b", []Import{follows("ns:c")}, "role b:s", "shared b:shared thing:/b", "?named b:n", "!never b:x")
	b.Entries[0].References = []Reference{{"ns:c", "role"}, local("shared")}
	for _, c := range []struct {
		name string
		by   Import
		ref  Reference
		want string
	}{
		{"an implicit entry", follows("ns:b"), Reference{"ns:b", "shared"}, "b:shared p:s thing:/bREAD-"},
		{"an explicit entry that is named", Import{ID: "ns:b", Entries: []string{"named"}}, Reference{"ns:b", "named"}, "b:n p:s"},
		{"an explicit entry that is not", follows("ns:b"), Reference{"ns:b", "named"}, "p:s"},
		{"one that is never imported", Import{ID: "ns:b", Entries: []string{"never"}}, Reference{"ns:b", "never"}, "p:s"},
		{"one that is missing", follows("ns:b"), Reference{"ns:b", "x"}, "p:s"},
		{"one of a policy that is not imported", follows("ns:b"), Reference{"ns:c", "role"}, "p:s"},
		{"one of a policy that is gone", follows("ns:gone"), Reference{"ns:gone", "x"}, "p:s"},
		// An imported entry is what it is in its policy; of what that imports, only what is followed.
		{"an entry that refers itself", follows("ns:b"), Reference{"ns:b", "role"}, "b:shared b:s p:s thing:/bREAD-"},
		{"an entry that refers to what is followed", follows("ns:b", "ns:c"), Reference{"ns:b", "role"},
			"c:s b:shared b:s p:s thing:/cREAD- thing:/bREAD-"},
		{"an entry that was imported", follows("ns:b", "ns:c"), Reference{"ns:b", "deep"}, "p:s"},
		{"an entry that was imported, by its new label", follows("ns:b", "ns:c"), Reference{"ns:b", "imported-ns:c-deep"}, "p:s"},
	} {
		p := src.add("ns:p", []Import{c.by}, "e p:s")
		p.Entries[0].References = []Reference{c.ref}
		got := Resolve(p, src, nil, "ns")
		if diff := cmp.Diff("e from ns:p/e: "+c.want, summary(got)[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// bomb is a policy of short references to a long entry.
func bomb() *Policy {
	p := &Policy{ID: "ns:p"}
	long := Entry{Label: "long"}
	for i := range 1000 {
		long.Subjects = append(long.Subjects, Subject{ID: fmt.Sprintf("a:%d", i)})
	}
	p.Entries = append(p.Entries, long)
	for i := range 500 {
		p.Entries = append(p.Entries, referring(entryOf(fmt.Sprintf("e%d a:own", i)), local("long")))
	}
	return p
}

func TestReferencesAreBounded(t *testing.T) {
	got := Resolve(bomb(), nil, nil, "ns")
	subjects := 0
	for _, e := range got.Entries {
		subjects += len(e.Subjects)
	}
	if limit := maxReferred + 2000; subjects > limit || !got.TooDeep {
		t.Errorf("%d subjects, at most %d wanted, too deep: %t", subjects, limit, got.TooDeep)
	}
	if last := got.Entries[len(got.Entries)-1]; len(last.Subjects) > 0 {
		t.Errorf("an entry beyond the bound has %d subjects", len(last.Subjects))
	}
	if err := bomb().CheckBudget(policies{}); codeOf(err) != badEntry {
		t.Errorf("it can be written: %v", err)
	}
}

// TestResolveLeavesPoliciesAlone checks that what is shared with other policies is not written to.
func TestResolveLeavesPoliciesAlone(t *testing.T) {
	src := policies{}
	b := src.add("ns:b", nil, "a a:s thing:/", "b b:s thing:/")
	// There is room behind these for whoever appends to them.
	b.Entries[0].Subjects = append(make([]Subject, 0, 8), b.Entries[0].Subjects...)
	b.Entries[0].Resources[0].Grant = append(make([]string, 0, 8), "READ")
	p := src.add("ns:p", []Import{{ID: "ns:b"}}, "e e:s thing:/", "f f:s thing:/")
	p.Entries[0].References = []Reference{{"ns:b", "a"}, {"ns:b", "b"}}
	p.Entries[1].References = []Reference{{"ns:b", "a"}, local("e")}
	before := string(b.Append(nil)) + string(p.Append(nil))
	first := summary(Resolve(p, src, nil, "ns"))
	if diff := cmp.Diff(first, summary(Resolve(p, src, nil, "ns"))); diff != "" {
		t.Errorf("resolved twice (-first +second):\n%s", diff)
	}
	if after := string(b.Append(nil)) + string(p.Append(nil)); after != before {
		t.Errorf("the policies became\n%s\nbefore\n%s", after, before)
	}
}
