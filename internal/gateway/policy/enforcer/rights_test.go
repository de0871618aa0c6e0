package enforcer

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

// entry is an entry for one subject. Resources are written as "key +R-W": READ granted and WRITE revoked.
func entry(subject string, resources ...string) Entry {
	e := Entry{Subjects: []string{subject}}
	for _, text := range resources {
		r := Resource{}
		var signs string
		r.Key, signs, _ = strings.Cut(text, " ")
		set := &r.Grant
		for _, c := range signs {
			switch c {
			case '+':
				set = &r.Grant
			case '-':
				set = &r.Revoke
			case 'R':
				*set |= Read
			case 'W':
				*set |= Write
			case 'X':
				*set |= Execute
			}
		}
		e.Resources = append(e.Resources, r)
	}
	return e
}

func pointer(t testing.TB, path string) document.Pointer {
	t.Helper()
	p, err := document.ParsePointer(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// answers writes U, P and E for unrestricted, partial and effective, and - for what is not so.
func answers(r *Rights, typ ResourceType, path document.Pointer, p Permissions) string {
	text := []byte("---")
	if r.Unrestricted(typ, path, p) {
		text[0] = 'U'
	}
	if r.Partial(typ, path, p) {
		text[1] = 'P'
	}
	if r.Effective(typ, path, p) {
		text[2] = 'E'
	}
	return string(text)
}

func TestRights(t *testing.T) {
	type question struct {
		typ  ResourceType
		path string
		p    Permissions
		want string
	}
	for name, test := range map[string]struct {
		entries   []Entry
		questions []question
	}{
		"a grant holds for everything below": {
			[]Entry{entry("s", "thing:/attributes +R")},
			[]question{
				{Thing, "/attributes", Read, "UPE"}, {Thing, "/attributes/a/b/c", Read, "UPE"},
				{Thing, "/attributesX", Read, "---"}, {Thing, "/features", Read, "---"}, {Thing, "/", Read, "-P-"},
			},
		},
		"types and permissions are worlds of their own": {
			[]Entry{entry("s", "thing:/ +R", "policy:/ +W", "message:/ +X")},
			[]question{
				{Thing, "/", Read, "UPE"}, {Thing, "/", Write, "---"}, {Policy, "/", Read, "---"},
				{Policy, "/x", Write, "UPE"}, {Message, "/x", Execute, "UPE"}, {Message, "/", Read, "---"},
			},
		},
		"all permissions that are asked for must hold": {
			[]Entry{entry("s", "thing:/ +RW", "thing:/a -W", "policy:/ +R", "policy:/a +W")},
			[]question{
				{Thing, "/", Read | Write, "-PE"}, {Thing, "/a", Read | Write, "---"}, {Thing, "/b", Read | Write, "UPE"},
				{Policy, "/", Read | Write, "-P-"}, {Thing, "/", Read | Write | Execute, "---"},
			},
		},
		"nobody has no permissions, or ones that do not exist": {
			[]Entry{{Subjects: []string{"s"}, Resources: []Resource{{"thing:/", 255, 0}}}},
			[]question{{Thing, "/", 0, "---"}, {Thing, "/", 8, "---"}, {Thing, "/", Read | 128, "---"}, {3, "/", Read, "---"}, {255, "/", Read, "---"}},
		},
		"the nearest declaration decides": {
			[]Entry{entry("s", "thing:/ +R", "thing:/attributes/secret -R", "thing:/attributes/secret/hint +R")},
			[]question{
				{Thing, "/", Read, "-PE"}, {Thing, "/attributes", Read, "-PE"}, {Thing, "/attributes/a", Read, "UPE"},
				{Thing, "/attributes/secret", Read, "-P-"}, {Thing, "/attributes/secret/x", Read, "---"},
				{Thing, "/attributes/secret/hint", Read, "UPE"}, {Thing, "/attributes/secret/hint/x", Read, "UPE"},
			},
		},
		"a revoke below restricts, whatever is granted below that": {
			[]Entry{entry("s", "thing:/ +RW", "thing:/attributes/a/b -W", "thing:/attributes/a/b/c +W")},
			[]question{
				{Thing, "/attributes/a", Write, "-PE"}, {Thing, "/attributes/a/c", Write, "UPE"}, {Thing, "/attributes/a/b", Write, "-P-"},
				{Thing, "/attributes/a", Read, "UPE"},
			},
		},
		"on the same level a revoke beats a grant": {
			[]Entry{entry("s", "thing:/a +R-R", "thing:/b +R"), entry("s", "thing:/b/ -R")},
			[]question{
				{Thing, "/a", Read, "---"}, {Thing, "/b", Read, "---"},
				{Thing, "/", Read, "-P-"}, // the revoke on the level of a grant is ignored, too
			},
		},
		"empty segments are none": {
			[]Entry{entry("s", "thing://a///b/ +R", "policy: +R", "message:x +R")},
			[]question{{Thing, "/a/b", Read, "UPE"}, {Policy, "/", Read, "UPE"}, {Message, "/x", Read, "UPE"}, {Message, "/", Read, "-P-"}},
		},
		"paths of things are pointers, other paths are verbatim": {
			[]Entry{entry("s", "thing:/a~0b +R", "policy:/a~0b +R")},
			[]question{{Thing, "/a~0b", Read, "UPE"}, {Thing, "/a~00b", Read, "---"}, {Policy, "/a~00b", Read, "UPE"}},
		},
		"what cannot be understood grants nothing": {
			[]Entry{
				entry("s", "thing +R", "Thing:/ +R", "things:/ +R", ":/ +R", " +R", "/ +R", "thing/: +R"),
				{Resources: []Resource{{"thing:/", Read, 0}}}, {Subjects: []string{"s"}},
			},
			[]question{{Thing, "/", Read, "---"}, {Policy, "/", Read, "---"}, {Message, "/", Read, "---"}},
		},
		"keys of resources are paths inside policies": {
			[]Entry{entry("s", "policy:/entries/L/resources/thing:/attributes/x +R", "policy:/entries/L/resources/thing:/attributes/x/y -R")},
			[]question{
				{Policy, "/entries/L/resources/thing:/attributes/x", Read, "-PE"}, {Policy, "/entries/L/resources/thing:/attributes", Read, "-P-"},
				{Policy, "/entries/L/resources/thing:/attributes/x/y", Read, "---"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := Compile(test.entries).Everywhere([]string{"s"})
			for _, q := range test.questions {
				if got := answers(r, q.typ, pointer(t, q.path), q.p); got != q.want {
					t.Errorf("type %d, path %s, permissions %03b: %s, want %s", q.typ, q.path, q.p, got, q.want)
				}
			}
		})
	}
}

func TestNamesWithSlashesAreWalkedSegmentBySegment(t *testing.T) {
	r := Compile([]Entry{entry("s", "policy:/entries/L/resources/thing:/attributes/x +R")}).Everywhere([]string{"s"})
	for _, test := range []struct {
		name, want string
	}{
		{"thing:/attributes/x", "UPE"}, {"thing:/attributes/x/y", "UPE"}, {"/thing://attributes/x/", "UPE"},
		{"thing:/attributes", "-P-"}, {"thing:", "-P-"}, {"", "-P-"}, {"/", "-P-"}, {"thing:/attributes/y", "---"}, {"thing:attributes/x", "---"},
	} {
		if got := answers(r, Policy, document.Pointer{"entries", "L", "resources", test.name}, Read); got != test.want {
			t.Errorf("%q: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestSubjectsActTogether(t *testing.T) {
	e := Compile([]Entry{
		entry("a", "thing:/ +R", "thing:/x +W"), entry("b", "thing:/ -R", "thing:/y +R"), entry("c", "thing:/x -W"),
		entry("d", "thing:/ +RW"),
	})
	for _, test := range []struct {
		subjects string
		path     string
		p        Permissions
		want     string
	}{
		{"a", "/", Read, "UPE"},
		{"b", "/", Read, "-P-"},
		{"a b", "/", Read, "-P-"}, // one grants and the other revokes
		{"b a", "/z", Read, "---"},
		{"a b", "/y", Read, "UPE"},
		{"a c", "/x", Write, "---"},
		{"d c", "/", Write, "-PE"},
		{"a d", "/", Read | Write, "UPE"},
		{"unknown a a unknown", "/", Read, "UPE"},
	} {
		r := e.Everywhere(strings.Fields(test.subjects))
		if got := answers(r, Thing, pointer(t, test.path), test.p); got != test.want {
			t.Errorf("%s on %s: %s, want %s", test.subjects, test.path, got, test.want)
		}
	}
}

func TestEntriesHoldInTheirNamespaces(t *testing.T) {
	for _, test := range []struct {
		patterns  []string
		namespace string
		want      bool
	}{
		{nil, "a", true},
		{[]string{}, "", true},
		{[]string{"a"}, "a", true},
		{[]string{"a"}, "a.b", false},
		{[]string{"a.*"}, "a.b", true},
		{[]string{"a.*"}, "a.b.c", true},
		{[]string{"a.*"}, "a", false},
		{[]string{"a.*"}, "a.", false},
		{[]string{"a.*"}, "ab.c", false},
		{[]string{"x", "a.*"}, "a.b", true},
		{[]string{"x", "y"}, "a", false},
		{[]string{"*"}, "a", false},
		{[]string{"a*"}, "ab", false},
		{[]string{""}, "a", false},
		{[]string{"A"}, "a", false},
	} {
		e := entry("s", "thing:/ +R")
		e.Namespaces = test.patterns
		enforcer := Compile([]Entry{e, entry("other", "thing:/ +R")})
		if got := enforcer.InNamespace(test.namespace, []string{"s"}).Effective(Thing, nil, Read); got != test.want {
			t.Errorf("%q in %q: %t", test.patterns, test.namespace, got)
		}
		if !enforcer.Everywhere([]string{"s"}).Effective(Thing, nil, Read) {
			t.Errorf("%q does not hold everywhere", test.patterns)
		}
	}
}

func TestARevokeHoldsInItsNamespacesOnly(t *testing.T) {
	revoke := entry("s", "thing:/a -R")
	revoke.Namespaces = []string{"n.*"}
	e := Compile([]Entry{entry("s", "thing:/ +R"), revoke})
	for namespace, want := range map[string]string{"n": "UPE", "n.o": "---"} {
		if got := answers(e.InNamespace(namespace, []string{"s"}), Thing, pointer(t, "/a"), Read); got != want {
			t.Errorf("%s: %s, want %s", namespace, got, want)
		}
	}
}

func TestNilRightsPermitNothing(t *testing.T) {
	var r *Rights
	if got := answers(r, Thing, nil, Read); got != "---" {
		t.Error(got)
	}
	if view, ok := r.View(Thing, nil, []byte(`{"thingId":1}`), "thingId"); ok || view != nil {
		t.Errorf("view %s", view)
	}
	if view, ok := r.Event(nil, nil); ok || view != nil {
		t.Errorf("event %s", view)
	}
}
