package rql

import (
	"errors"
	"strings"
	"testing"
)

// A search sorts by properties that it can compare, and of which a thing has one.
func TestParseOrder(t *testing.T) {
	for text, want := range map[string]string{
		"thingId":                                "thingId",
		"/thingId,x":                             "thingId",
		"namespace)":                             "namespace",
		"_revision":                              "_revision",
		"attributes/a b,-c":                      "attributes/a b",
		`attributes/a\u002cb)`:                   "attributes/a,b",
		"features/f/properties/*":                "features/f/properties/*",
		"features/f/definition":                  "features/f/definition",
		"_metadata/attributes/a":                 "_metadata/attributes/a",
		"_namespace":                             "unknown property",
		"features/*/properties/a":                "unknown property",
		"features/f":                             "unknown property",
		"features/f/properties":                  "unknown property",
		"attributes":                             "unknown property",
		"topic:action":                           "unknown property",
		"attributes/a//b":                        "unknown property",
		"attributes" + strings.Repeat("/a", 200): "RQL expression too complex",
		`attributes/\x`:                          "invalid RQL expression",
		")":                                      "invalid RQL expression",
		"":                                       "invalid RQL expression",
	} {
		before := "sort(+"
		name, end, err := ParseOrder(before+text, len(before))
		got := name
		if err != nil {
			if got = errors.Unwrap(err).Error(); name != "" || end != 0 {
				t.Errorf("%q: %q and %d with an error", text, name, end)
			}
			if at := err.(*Error).Offset; at < len(before) { //nolint:errorlint // It says so.
				t.Errorf("%q: wrong at %d, before it begins", text, at)
			}
		} else if rest := (before + text)[end:]; rest != "" && !strings.ContainsAny(rest[:1], ",)") {
			t.Errorf("%q: there is %q left", text, rest)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
