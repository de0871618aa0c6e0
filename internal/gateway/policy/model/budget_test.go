package model

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWeight says what counts as how many parts.
func TestWeight(t *testing.T) {
	long := strings.Repeat("x", partBytes-len("thing:/READWRITE"))
	for _, c := range []struct {
		name string
		e    Entry
		want int
	}{
		{"an entry", Entry{Label: "l"}, 1},
		{"what the entry itself refers to", referring(Entry{}, local("a"), local("b")), 1},
		{"a subject, a resource and namespaces", in(entryOf("l s:s thing:/"), "a", "b"), 5},
		{"a short resource", Entry{Resources: []Resource{{Key: "thing:/" + long[1:], Grant: []string{"READ"}, Revoke: []string{"WRITE"}}}}, 2},
		{"a long resource", Entry{Resources: []Resource{{Key: "thing:/" + long, Grant: []string{"READ"}, Revoke: []string{"WRITE"}}}}, 3},
		{"a short subject", Entry{Subjects: []Subject{{ID: strings.Repeat("s", partBytes-2), Type: "t"}}}, 2},
		{"a long subject", Entry{Subjects: []Subject{{ID: "s", Type: strings.Repeat("t", 2*partBytes-1)}}}, 4},
		{"an announcement", Entry{Subjects: []Subject{{ID: "s", Announcement: &Announcement{Raw: make([]byte, partBytes)}}}}, 3},
	} {
		if got := c.e.weight(); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// crowd returns an entry that counts as n parts.
func crowd(label string, n int) Entry {
	e := Entry{Label: label}
	for i := range n - 1 {
		e.Subjects = append(e.Subjects, Subject{ID: fmt.Sprintf("s:%d", i)})
	}
	return e
}

func (p policies) sized(id string, size int, imports ...Import) Import {
	p.add(id, imports, "e s:s").Size = size
	return Import{ID: id}
}

// TestBudget takes policies to the edge of what is resolved and one step beyond. Of what is too much, nothing is left from
// where it begins to be.
func TestBudget(t *testing.T) {
	importing := func(imports ...Import) *Policy { return &Policy{ID: "ns:p", Size: 2 * maxBytes, Imports: imports} }
	src := policies{}
	half := src.sized("ns:half", maxBytes/2)
	rest := src.sized("ns:rest", maxBytes/2)
	more := src.sized("ns:more", maxBytes/2+1)
	one := src.sized("ns:one", 1)
	over := src.sized("ns:over", 1, Import{ID: "ns:more"})
	over.TransitiveImports = []string{"ns:more"}
	again := src.sized("ns:again", 0, Import{ID: "ns:half"})
	again.TransitiveImports = []string{"ns:half"}
	own := src.sized("ns:own", 1, Import{ID: "ns:p"})
	own.TransitiveImports = []string{"ns:p"}

	src["ns:full"] = &Policy{ID: "ns:full", Entries: []Entry{crowd("a", maxParts-1), crowd("b", 1)}}
	src["ns:most"] = &Policy{ID: "ns:most", Entries: []Entry{crowd("a", maxParts-1)}}
	src["ns:two"] = &Policy{ID: "ns:two", Entries: []Entry{crowd("a", 2)}}
	src["ns:via"] = &Policy{ID: "ns:via", Imports: []Import{{ID: "ns:most"}, {ID: "ns:full"}}}
	src["ns:unnamed"] = &Policy{ID: "ns:unnamed", Entries: []Entry{{Label: "x", Importable: Explicit}, {Label: "y", Importable: Never}}}
	referred := func(weight int, referrers ...string) *Policy {
		p := &Policy{ID: "ns:p", Entries: []Entry{crowd("t", weight)}}
		for _, label := range referrers {
			p.Entries = append(p.Entries, referring(entryOf(label+" o:o"), local("t")))
		}
		return p
	}
	both := referred(maxReferred, "a")
	both.Imports = []Import{{ID: "ns:rest5000"}}
	src["ns:rest5000"] = &Policy{ID: "ns:rest5000", Entries: []Entry{crowd("a", maxParts-maxReferred)}}
	tooMuch := referred(maxReferred, "a")
	tooMuch.Imports = []Import{{ID: "ns:rest5000"}, {ID: "ns:one"}}
	src["ns:referring"] = &Policy{ID: "ns:referring", Entries: referred(maxReferred/2+1, "a", "b").Entries}

	for _, c := range []struct {
		name    string
		p       *Policy
		entries string // the first letter of each label, and how many subjects it has
		refused string
		naming  string
	}{
		{"as many bytes as there may be", importing(half, rest), "half1 rest1", "", ""},
		{"one byte more", importing(half, more), "half1", badImport, "ns:more"},
		{"what comes after it", importing(half, more, one), "half1", badImport, "ns:more"},
		{"a policy counts once", importing(half, rest, again), "half1 rest1 again1 again1", "", ""},
		{"more by a transitive import", importing(half, over), "half1 over1", badImport, "ns:over"},
		{"the policy itself is free", importing(half, own), "half1 own1", "", ""},

		{"as many parts as there may be", importing(Import{ID: "ns:full"}), "full9998 full0", "", ""},
		{"one part more", importing(Import{ID: "ns:most"}, Import{ID: "ns:two"}), "most9998", badImport, "ns:two"},
		{"what comes after it, though there were room", importing(Import{ID: "ns:most"}, Import{ID: "ns:two"}, one), "most9998", badImport, "ns:two"},
		{"each level counts", importing(Import{ID: "ns:via", TransitiveImports: []string{"ns:most"}}), "via9998", "", ""},
		{"each level counts, one more", importing(Import{ID: "ns:via", TransitiveImports: []string{"ns:full"}}), "", badImport, "ns:via"},
		{"what is not taken over is free", importing(Import{ID: "ns:full"}, Import{ID: "ns:unnamed"}), "full9998 full0", "", ""},
		{"the policy's own entries are free", &Policy{ID: "ns:p", Entries: []Entry{crowd("t", 2*maxParts)}}, "t19999", "", ""},

		{"as much by references as there may be", referred(maxReferred/2, "a", "b"), "t2499 a2500 b2500", "", ""},
		{"more by references", referred(maxReferred/2+1, "a", "b"), "t2500 a2501 b0", badEntry, ""},
		{"as much by both", both, "t4999 a5000 rest50004999", "", ""},
		{"more by both", tooMuch, "t4999 a0 rest50004999 one1", badEntry, ""},
		{"more by references of an imported policy", importing(Import{ID: "ns:referring"}), "referring2500 referring2501 referring0", badImport, "ns:referring"},
		{"the first of two reasons", importing(Import{ID: "ns:referring"}, half, more), "referring2500 referring2501 referring0 half1", badImport, "ns:referring"},
	} {
		got := Resolve(c.p, src, nil, "ns")
		var entries []string
		for i := range got.Entries {
			label, found := strings.CutPrefix(got.Entries[i].Label, "imported-ns:")
			if found {
				label, _, _ = strings.Cut(label, "-")
			}
			entries = append(entries, fmt.Sprintf("%s%d", label, len(got.Entries[i].Subjects)))
		}
		if diff := cmp.Diff(c.entries, strings.Join(entries, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if got.TooDeep != (c.refused != "") || codeOf(got.Excess) != c.refused {
			t.Errorf("%s: too deep: %t, refused with %q, want %q", c.name, got.TooDeep, codeOf(got.Excess), c.refused)
		}
		err := c.p.CheckBudget(src)
		if codeOf(err) != c.refused {
			t.Errorf("%s is refused with %q when it is written, want %q", c.name, codeOf(err), c.refused)
		}
		if err != nil && (!strings.Contains(err.Message, c.naming) || err.Status != 400 || err.Description == "") {
			t.Errorf("%s is refused with %+v, which should name %q", c.name, err, c.naming)
		}
	}
}

// TestRootPoliciesHaveTheirOwnBudget checks that nobody can keep the operator's policies out.
func TestRootPoliciesHaveTheirOwnBudget(t *testing.T) {
	src := policies{}
	first, second := src.sized("ns:first", maxBytes), src.sized("ns:root", maxBytes)
	p := &Policy{ID: "ns:p", Imports: []Import{first, second}}
	got := Resolve(p, src, RootPolicies{"*": {"ns:root"}}, "ns")
	want := []string{"imported-ns:first-e from ns:first/e: s:s", "nsimported-ns:root-e from ns:root/e: s:s"}
	if diff := cmp.Diff(want, summary(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The policy is not a burden to them either.
	src.add("ns:p", nil, "e p:s").Size = 2 * maxBytes
	src.add("ns:over", []Import{{ID: "ns:p"}}, "e s:s")
	want = append(want, "nsimported-ns:over-e from ns:over/e: s:s", "nsimported-ns:over-imported-ns:p-e from ns:p/e: p:s")
	got = Resolve(src["ns:p"], src, RootPolicies{"*": {"ns:root", "ns:over"}}, "ns")
	if diff := cmp.Diff(append([]string{"e from ns:p/e: p:s"}, want[1:]...), summary(got)); diff != "" || got.TooDeep {
		t.Errorf("too deep: %t (-want +got):\n%s", got.TooDeep, diff)
	}
	want = want[:2]
	// What root policies bring is not the policy's fault.
	src.sized("ns:more", maxBytes)
	got = Resolve(&Policy{ID: "ns:p"}, src, RootPolicies{"*": {"ns:root", "ns:more"}}, "ns")
	if diff := cmp.Diff(want[1:], summary(got)); diff != "" || !got.TooDeep || got.Excess != nil {
		t.Errorf("too deep: %t, refused with %v (-want +got):\n%s", got.TooDeep, got.Excess, diff)
	}
}

// counted is a source that counts what it is asked.
type counted struct {
	policies
	asked int
}

func (c *counted) Policy(id string) (*Policy, bool) {
	c.asked++
	return c.policies.Policy(id)
}

// TestNothingIsLoadedBeyondTheBudget checks that the end of the budget ends the work, too.
func TestNothingIsLoadedBeyondTheBudget(t *testing.T) {
	src := &counted{policies: policies{}}
	p := &Policy{ID: "ns:p"}
	for i := range 50 {
		p.Imports = append(p.Imports, src.sized(fmt.Sprintf("ns:%d", i), maxBytes/4))
	}
	if got := Resolve(p, src, nil, "ns"); src.asked != 5 || len(got.Uses) != 5 || len(got.Entries) != 4 {
		t.Errorf("%d policies were loaded, %d are used and give %d entries; want 5, 5 and 4", src.asked, len(got.Uses), len(got.Entries))
	}
}

func TestTaken(t *testing.T) {
	p := policies{}.add("ns:b", nil, "a", "?b", "!c", "?d", "e")
	for _, c := range []struct {
		named []string
		want  string
	}{
		{nil, "a e"}, {[]string{"d", "x"}, "a d e"}, {[]string{"c", "d", "b", "a"}, "a b d e"},
	} {
		var got []string
		for _, e := range (&Import{ID: "ns:b", Entries: c.named}).Taken(p) {
			got = append(got, e.Label)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: got %v, want %s", c.named, got, c.want)
		}
	}
}
