package protocol

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
)

func TestParsePath(t *testing.T) {
	for text, want := range map[string]Path{
		"":                                {Root, nil},
		"/":                               {Root, nil},
		"/policyId":                       {PolicyID, document.Pointer{"policyId"}},
		"policyId/":                       {PolicyID, document.Pointer{"policyId"}},
		"/definition":                     {Definition, document.Pointer{"definition"}},
		"/attributes":                     {Attributes, document.Pointer{"attributes"}},
		"/attributes/a/b":                 {Attribute, document.Pointer{"attributes", "a", "b"}},
		"/attributes/~0~1":                {Attribute, document.Pointer{"attributes", "~~1"}},
		"/features":                       {Features, document.Pointer{"features"}},
		"/features/f":                     {Feature, document.Pointer{"features", "f"}},
		"/features/properties":            {Feature, document.Pointer{"features", "properties"}},
		"/features/f/definition":          {FeatureDefinition, document.Pointer{"features", "f", "definition"}},
		"/features/f/properties":          {FeatureProperties, document.Pointer{"features", "f", "properties"}},
		"/features/f/properties/p":        {FeatureProperty, document.Pointer{"features", "f", "properties", "p"}},
		"/features/f/desiredProperties":   {FeatureDesiredProperties, document.Pointer{"features", "f", "desiredProperties"}},
		"/features/f/desiredProperties/p": {FeatureDesiredProperty, document.Pointer{"features", "f", "desiredProperties", "p"}},
		"/_policy":                        {LegacyPolicy, document.Pointer{"_policy"}},
		"/_policy/entries/e":              {LegacyPolicy, document.Pointer{"_policy", "entries", "e"}},
	} {
		got, err := ParsePath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestParsePathRefuses(t *testing.T) {
	const pointer, unknown = "json.pointer.invalid", "protocoladapter:unknown.path"
	for text, want := range map[string]string{
		"//":                           pointer,
		"/attributes//a":               pointer,
		"/attributes/a//":              pointer,
		strings.Repeat("/a", 101):      pointer,
		"/foo":                         unknown,
		"/thingId":                     unknown,
		"/Attributes":                  unknown,
		"/policyId/x":                  unknown,
		"/definition/x":                unknown,
		"/features/f/x":                unknown,
		"/features/f/definition/x":     unknown,
		"/features/f/definition/0":     unknown,
		"/inbox/messages/x":            unknown,
		"/features/f/inbox/messages/x": unknown,
	} {
		_, err := ParsePath(text)
		if err == nil || err.Code != want || err.Status != 400 || !err.Unaddressed {
			t.Errorf("%s: refused with %v, want %s", text, err, want)
		}
	}
}

func TestPathIsPrinted(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "/",
		"attributes/a~0b/":           "/attributes/a~0b",
		"/attributes/~":              "/attributes/~0",
		"/features/~1/properties/ä~": "/features/~01/properties/ä~0",
	} {
		p, err := ParsePath(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.String(); got != want {
			t.Errorf("%s is printed as %s, want %s", text, got, want)
		}
		if got := string(p.appendJSON([]byte("x"))); got != `x"`+want+`"` {
			t.Errorf("%s is printed as %s, want %q", text, got, want)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"", "/", "/attributes/a~0b", "features/f/properties/x/", "/a//b", "/policyId", "/_policy/x", "/features/~1~/definition",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		if got := string(p.Append(nil)); got != p.String() {
			t.Fatalf("%q is appended as %q and printed as %q", text, got, p.String())
		}
		again, err := ParsePath(p.String())
		if err != nil {
			t.Fatalf("%q is printed as %q, which is refused: %v", text, p, err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("%q is printed as %q, which means something else (-want +got):\n%s", text, p, diff)
		}
	})
}
