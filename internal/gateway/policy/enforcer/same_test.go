package enforcer

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestEqualRightsAreTheSamePointer(t *testing.T) {
	scoped := entry("scoped", "thing:/ +R", "thing:/x -R")
	scoped.Namespaces = []string{"n"}
	e := Compile([]Entry{
		entry("a", "thing:/ +R", "thing:/x -R"),
		entry("b", "thing:/x -R", "thing:/ +R"), // the same, told differently
		{Subjects: []string{"c", "d"}, Resources: []Resource{{"thing:/", Read, 0}, {"thing:/x", 0, Read}}},
		scoped,
		entry("split", "thing:/ +R"), entry("split", "thing://x/ -R"),
		entry("verbose", "thing:/ +R", "thing:/x -R", "thing:/y +R", "thing:/y/z +R", "thing:/x/y -R", "policy:/x -R"),
		entry("nothing", "thing:/ -RWX", "policy:/a -R"),
		entry("writer", "thing:/ +RW", "thing:/x -R"),
	})
	want := e.Everywhere([]string{"a"})
	for _, same := range []string{"b", "c", "d", "c d", "a b c d", "scoped", "scoped a", "split", "verbose", "verbose a split", "nothing c x", "a stranger"} {
		got := e.Everywhere(strings.Fields(same))
		if strings.Contains(same, "nothing") {
			if got == want {
				t.Errorf("%s has the rights of a", same)
			}
			continue
		}
		if got != want || want == nil {
			t.Errorf("%s has other rights than a", same)
		}
		if e.InNamespace("n", strings.Fields(same)) != want {
			t.Errorf("%s has other rights in a namespace", same)
		}
	}
	for _, none := range []string{"", "stranger", "nothing", "stranger nothing"} {
		if e.Everywhere(strings.Fields(none)) != nil {
			t.Errorf("%s has rights", none)
		}
	}
	if e.InNamespace("m", []string{"scoped"}) != nil {
		t.Error("rights outside the namespace")
	}
	if e.Everywhere([]string{"writer"}) == want {
		t.Error("different rights are the same pointer")
	}
}

// many returns a policy in which each of n subjects has an entry of its own.
func many(n int) ([]Entry, []string) {
	var entries []Entry
	var subjects []string
	for i := range n {
		subject := fmt.Sprintf("issuer:subject-%d", i)
		subjects = append(subjects, subject)
		entries = append(entries, entry(subject, fmt.Sprintf("thing:/features/f%d +RW", i), "thing:/attributes +R",
			fmt.Sprintf("thing:/attributes/a%d -R", i)))
	}
	return entries, subjects
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	entries, subjects := many(100)
	e := Compile(entries)
	size := e.Size()
	for i := range subjects {
		for j := range subjects {
			r := e.Everywhere([]string{subjects[i], subjects[j]})
			if r == nil || r != e.Everywhere([]string{subjects[j], subjects[i]}) {
				t.Fatalf("%d and %d: %p", i, j, r)
			}
			if e.known.room < 0 {
				t.Fatalf("%d bytes too many", -e.known.room)
			}
		}
	}
	if known := len(e.known.bySet); known < 10 || known > e.Size()/mapEntry || known > 4000 {
		t.Errorf("%d rights are remembered", known)
	}
	if e.Size() != size {
		t.Error("the size changed")
	}
}

func TestSizeGrowsWithThePolicy(t *testing.T) {
	before := 0
	for _, n := range []int{0, 10, 100, 1000} {
		entries, _ := many(n)
		size := Compile(entries).Size()
		if size <= before || size > 5000*(n+2) {
			t.Errorf("%d entries take %d bytes, fewer %d", n, size, before)
		}
		before = size
	}
}

// References repeat the subjects of an entry in many others: they are kept once.
func TestSubjectsThatAreTogetherAreKeptOnce(t *testing.T) {
	var subjects []string
	for i := range 1600 {
		subjects = append(subjects, fmt.Sprintf("p:%d", i))
	}
	var entries []Entry
	for i := range 60 {
		entries = append(entries, Entry{Subjects: subjects, Resources: []Resource{{fmt.Sprintf("thing:/a%d", i), Read, 0}}})
	}
	one, all := Compile(entries[:1]), Compile(entries)
	if one.size < 1600*mapEntry || all.size > one.size+60*200 {
		t.Errorf("%d subjects take %d bytes in one entry, %d in %d", len(subjects), one.size, all.size, len(entries))
	}
	if !all.Everywhere(subjects[7:8]).Effective(Thing, []string{"a59"}, Read) {
		t.Error("a subject is not in the last entry")
	}
}

func TestMembershipsThatDifferCount(t *testing.T) {
	const n = 200
	var subjects []string
	var entries []Entry
	for i := range n {
		subjects = append(subjects, fmt.Sprintf("p:%d", i))
		entries = append(entries, Entry{Subjects: subjects, Resources: []Resource{{fmt.Sprintf("thing:/a%d", i), Read, 0}}})
	}
	if e := Compile(entries); e.size < n*n/2*8 {
		t.Errorf("%d memberships take %d bytes", n*n/2, e.size)
	}
}

func TestWhatIsRememberedIsBoundedAbsolutely(t *testing.T) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		entries, _ := many(n)
		e := Compile(entries)
		if remembered := e.Size() - e.size; remembered > e.size+512<<10 {
			t.Errorf("%d entries take %d bytes, and what is remembered %d", n, e.size, remembered)
		}
	}
}

// Otherwise it would be combined for every question.
func TestTheRightsOfOneCallerAreAlwaysRemembered(t *testing.T) {
	for name, resources := range map[string][]string{
		"long":     {"thing:" + strings.Repeat("/a", 200_000) + " +R"},
		"wide":     nil,
		"not much": {"thing:/ +R"},
	} {
		entries := []Entry{entry("s", resources...)}
		if name == "wide" {
			for i := range 50_000 {
				entries[0].Resources = append(entries[0].Resources, Resource{fmt.Sprintf("thing:/%d", i), Read, Write})
			}
		}
		e := Compile(entries)
		if r := e.Everywhere([]string{"s"}); r == nil || len(e.known.bySet) != 1 || e.known.room < 0 {
			t.Errorf("%s: %d are remembered, %d bytes are left of %d", name, len(e.known.bySet), e.known.room, e.known.capacity)
		}
	}
}

func TestRightsAreForManyGoroutines(t *testing.T) {
	entries, subjects := many(50)
	e := Compile(entries)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				own := (i + worker) % len(subjects)
				path := []string{"features", fmt.Sprintf("f%d", own)}
				r := e.InNamespace("n", []string{subjects[own], subjects[i%3]})
				if !r.Unrestricted(Thing, path, Read|Write) {
					t.Errorf("%s has no rights", subjects[own])
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestMoreGroupsThanFitInline(t *testing.T) {
	entries, subjects := many(inlineGroups + 9)
	e := Compile(entries)
	for _, i := range []int{0, 7, 8, inlineGroups - 1, inlineGroups, inlineGroups + 8} {
		r := e.Everywhere(subjects[i : i+1])
		for _, j := range []int{0, 8, i, inlineGroups + 7, inlineGroups + 8} {
			if got := r.Unrestricted(Thing, []string{"features", fmt.Sprintf("f%d", j)}, Write); got != (i == j) {
				t.Errorf("subject %d, feature %d: %t", i, j, got)
			}
		}
	}
}

func TestSubjectsOfAnEntryDoNotDisturbEachOther(t *testing.T) {
	e := Compile([]Entry{
		{Subjects: []string{"a", "b", "a"}, Resources: []Resource{{"thing:/", Read, 0}}},
		entry("a", "thing:/ +W"), entry("b", "thing:/ +X"), entry("a", "thing:/x -R"),
	})
	for subject, want := range map[string]Permissions{"a": Read | Write, "b": Read | Execute} {
		r := e.Everywhere([]string{subject})
		for _, p := range []Permissions{Read, Write, Execute} {
			if got := r.Effective(Thing, nil, p); got != (want&p != 0) {
				t.Errorf("%s, %03b: %t", subject, p, got)
			}
		}
	}
}

func TestEntriesThatSayTheSameAreKeptOnce(t *testing.T) {
	e := Compile([]Entry{
		entry("a", "thing:/ +R", "thing:/x -R"), entry("b", "thing:/x -R", "thing:/ +R"), entry("c", "thing:// +R", "thing:/x -R", "thing:x -R"),
	})
	if len(e.groups) != 1 || len(e.groups[0]) != 2 {
		t.Errorf("groups %v", e.groups)
	}
}

func TestWhatContributesNothingTakesNothing(t *testing.T) {
	want := Compile(nil).Size()
	e := Compile([]Entry{
		{Resources: []Resource{{"thing:/a/b/c", Read, 0}}},
		{Subjects: []string{"s"}},
		{Subjects: []string{"s"}, Resources: []Resource{{"thing:/a", 0, 0}, {"thing:/a", 64, 128}, {"other:/a", Read, Read}}},
	})
	if got := e.Size(); got != want || len(e.subjects) != 0 {
		t.Errorf("%d bytes, want %d; subjects %v", got, want, e.subjects)
	}
}

func TestPathsMayBeLong(t *testing.T) {
	long := strings.Repeat("/a", 50_000)
	r := Compile([]Entry{entry("s", "thing:"+long+" +R", "thing:/"+long+"/b -R")}).Everywhere([]string{"s"})
	if got := answers(r, Thing, []string{long}, Read); got != "-PE" {
		t.Error(got)
	}
	if got := answers(r, Thing, []string{long, "b"}, Read); got != "---" {
		t.Error(got)
	}
}
