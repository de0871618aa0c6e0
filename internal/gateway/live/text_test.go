package live

import "testing"

// Whatever a payload is, it can be told as text.
func TestPayloadsAsText(t *testing.T) {
	for _, tc := range []struct{ media, value, want string }{
		{"application/json", `{"a": 1}`, `{"a": 1}`},
		{"application/json", `"x"`, `"x"`},
		{"text/plain", `"a\nb"`, "a\nb"},
		{"text/plain; charset=iso-8859-1", `"grün"`, "grün"}, // it is Unicode already
		{"", `"Z3LDvG4="`, "grün"},
		{"application/octet-stream", `"Z3LDvG4="`, "grün"},
		{"application/x; charset=iso-8859-1", `"Z3L8bg=="`, "grün"},
		{"application/x; charset=utf-8", `"Z3L8bg=="`, "gr\uFFFDn"},
		{"application/x; charset=klingon", `"Z3LDvG4="`, "grün"},
		{"image/png", `"AP8="`, "\x00\uFFFD"},
		{"", "", ""},
	} {
		var value []byte
		if tc.value != "" {
			value = []byte(tc.value)
		}
		if got := TextPayload(tc.media, value); got != tc.want {
			t.Errorf("%s as %q is %q, want %q", tc.value, tc.media, got, tc.want)
		}
	}
}
