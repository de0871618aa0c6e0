package protocol

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
)

func TestParsePolicyPath(t *testing.T) {
	for text, want := range map[string]Path{
		"":                                       {Root, nil},
		"/":                                      {Root, nil},
		"/entries":                               {PolicyEntries, document.Pointer{"entries"}},
		"entries/":                               {PolicyEntries, document.Pointer{"entries"}},
		"/entries/L":                             {PolicyEntry, document.Pointer{"entries", "L"}},
		"/entries/a~0b":                          {PolicyEntry, document.Pointer{"entries", "a~0b"}},
		"/entries/subjects/":                     {PolicyEntry, document.Pointer{"entries", "subjects"}},
		"/entries/L/subjects":                    {PolicySubjects, document.Pointer{"entries", "L", "subjects"}},
		"/entries/L/subjects/":                   {PolicySubjects, document.Pointer{"entries", "L", "subjects"}},
		"/entries/L/subjects/nginx:me":           {PolicySubject, document.Pointer{"entries", "L", "subjects", "nginx:me"}},
		"/entries/L/subjects/https://i/x:s/":     {PolicySubject, document.Pointer{"entries", "L", "subjects", "https://i/x:s/"}},
		"/entries/L/resources":                   {PolicyResources, document.Pointer{"entries", "L", "resources"}},
		"/entries/L/resources/thing:/":           {PolicyResource, document.Pointer{"entries", "L", "resources", "thing:/"}},
		"/entries/L/resources/thing:/features/~": {PolicyResource, document.Pointer{"entries", "L", "resources", "thing:/features/~"}},
		"/entries/L/resources/thing:/a//b":       {PolicyResource, document.Pointer{"entries", "L", "resources", "thing:/a//b"}},
		"/entries/L/importable":                  {PolicyImportable, document.Pointer{"entries", "L", "importable"}},
		"/entries/L/importable/":                 {PolicyImportable, document.Pointer{"entries", "L", "importable"}},
		"/entries/L/namespaces":                  {PolicyNamespaces, document.Pointer{"entries", "L", "namespaces"}},
		"/entries/L/allowedAdditions":            {PolicyAllowedAdditions, document.Pointer{"entries", "L", "allowedAdditions"}},
		"/entries/L/references":                  {PolicyReferences, document.Pointer{"entries", "L", "references"}},
		"/imports":                               {PolicyImports, document.Pointer{"imports"}},
		"/imports/ns:p":                          {PolicyImport, document.Pointer{"imports", "ns:p"}},
		"/imports/ns:p/entries":                  {PolicyImportEntries, document.Pointer{"imports", "ns:p", "entries"}},
		"/imports/ns:p/transitiveImports":        {PolicyImportTransitiveImports, document.Pointer{"imports", "ns:p", "transitiveImports"}},
	} {
		got, err := ParsePolicyPath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestParsePolicyPathRefuses(t *testing.T) {
	const pointer, unknown = "json.pointer.invalid", "protocoladapter:unknown.path"
	for text, want := range map[string]string{
		"//":                                pointer,
		"/entries//subjects":                pointer,
		"/entries//":                        pointer,
		"//entries":                         pointer,
		"/policyId":                         unknown,
		"/Entries":                          unknown,
		"/attributes/a":                     unknown,
		"/entries/L/foo":                    unknown,
		"/entries/L/actions/x":              unknown,
		"/entries/L/importable/x":           unknown,
		"/entries/L/namespaces/0":           unknown,
		"/entries/L/allowedAdditions/0":     unknown,
		"/entries/L/references/0":           unknown,
		"/imports/ns:p/foo":                 unknown,
		"/imports/ns:p/entries/L":           unknown,
		"/imports/ns:p/transitiveImports/":  "",
		"/imports/ns:p/transitiveImports/0": unknown,
	} {
		_, err := ParsePolicyPath(text)
		if want == "" {
			if err != nil {
				t.Errorf("%s: refused with %v", text, err)
			}
			continue
		}
		if err == nil || err.Code != want || err.Status != 400 || !err.Unaddressed {
			t.Errorf("%s: refused with %v, want %s", text, err, want)
		}
	}
}

func TestPolicyPathIsPrintedAsItWasSent(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "/",
		"entries/a~b/":                        "/entries/a~b",
		"/entries/L/resources/thing:/a~1b/":   "/entries/L/resources/thing:/a~1b/",
		"/entries/L/subjects/https://i:ä~0\"": "/entries/L/subjects/https://i:ä~0\"",
	} {
		p, err := ParsePolicyPath(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.String(); got != want {
			t.Errorf("%s is printed as %s, want %s", text, got, want)
		}
	}
}

func FuzzPolicyPath(f *testing.F) {
	for _, seed := range []string{
		"", "/", "/entries/L/subjects/https://x:y/", "entries/", "/entries/L/resources/thing:/~", "/imports/ns:p/entries/", "//",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicyPath(text)
		if err != nil {
			return
		}
		again, err := ParsePolicyPath(p.String())
		if err != nil {
			t.Fatalf("%q is printed as %q, which is refused: %v", text, p, err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("%q is printed as %q, which means something else (-want +got):\n%s", text, p, diff)
		}
	})
}
