package model

import (
	"strings"
	"testing"
)

func TestCheckReferences(t *testing.T) {
	src := policies{}
	src.add("ns:b", nil, "all b:s", "?named b:s", "?other b:s", "!never b:s")
	const gone = "policies:policy.notfound"
	for _, c := range []struct {
		name       string
		references []Reference
		want       string
	}{
		{"none", nil, ""},
		{"an entry", []Reference{local("m")}, ""},
		{"an explicit entry", []Reference{local("explicit")}, ""},
		{"different ones", []Reference{local("m"), local("explicit"), {"ns:b", "all"}}, ""},
		{"twice", []Reference{local("m"), local("explicit"), local("m")}, badEntry},
		{"an import twice", []Reference{{"ns:b", "all"}, {"ns:b", "all"}}, badEntry},
		{"itself", []Reference{local("l")}, badEntry},
		{"a missing entry", []Reference{local("x")}, badEntry},
		{"an entry that is never importable", []Reference{local("never")}, badEntry},
		{"an imported entry", []Reference{{"ns:b", "all"}}, ""},
		{"an explicit one that is named", []Reference{{"ns:b", "named"}}, ""},
		{"an explicit one that is not", []Reference{{"ns:b", "other"}}, badImport},
		{"one that is never importable", []Reference{{"ns:b", "never"}}, badImport},
		{"one that is missing", []Reference{{"ns:b", "x"}}, badImport},
		{"one of a policy that is not imported", []Reference{{"ns:c", "all"}}, badImport},
		{"one of a policy that does not exist", []Reference{{"ns:gone", "all"}}, gone},
		{"an own entry with the label of an imported one", []Reference{local("all")}, badEntry},
	} {
		p := src.add("ns:p", []Import{{ID: "ns:b", Entries: []string{"named", "never"}}, {ID: "ns:gone"}},
			"m", "?explicit", "!never", "l")
		p.Entries[3].References = c.references
		err := p.CheckReferences(src)
		if got := codeOf(err); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if c.want == gone && !strings.Contains(err.Message, "ns:gone") {
			t.Errorf("the error does not name the policy: %v", err)
		}
		if got := codeOf(p.CheckReferencesOf(&p.Entries[3], src)); got != c.want {
			t.Errorf("%s, of the entry alone: got %q, want %q", c.name, got, c.want)
		}
		if got := codeOf(p.CheckReferencesOf(&p.Entries[0], src)); got != "" {
			t.Errorf("%s, of another entry: got %q", c.name, got)
		}
	}
}

func TestCheckImports(t *testing.T) {
	src := policies{}
	chain(src, 15)
	for _, c := range []struct {
		name    string
		imports []Import
		want    string
	}{
		{"none", nil, ""},
		{"as many as allowed", []Import{follows("ns:x"), follows("ns:y")}, ""},
		{"too many", []Import{follows("ns:x"), follows("ns:y"), follows("ns:z")}, "policies:imports.toolarge"},
		{"itself", []Import{follows("ns:p")}, badImport},
		{"itself by another", []Import{follows("ns:x", "ns:p")}, badImport},
		{"ten levels", []Import{follows("ns:5", "ns:6")}, ""},
		{"more levels", []Import{follows("ns:x"), follows("ns:4", "ns:5")}, badImport},
		{"more levels that are not followed", []Import{follows("ns:4")}, ""},
	} {
		p := &Policy{ID: "ns:p", Imports: c.imports}
		err := p.CheckImports(2)
		if err == nil {
			err = p.CheckBudget(src)
		}
		if got := codeOf(err); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
