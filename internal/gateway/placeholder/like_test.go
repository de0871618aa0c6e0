package placeholder

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestLike(t *testing.T) {
	for _, tc := range []struct {
		text, pattern string
		want          bool
	}{
		{"", "", true},
		{"", "*", true},
		{"", "?", false},
		{"a", "", false},
		{"abc", "abc", true},
		{"abc", "ab", false},
		{"abc", "abcd", false},
		{"abc", "ABC", false},
		{"abc", "a*", true},
		{"abc", "*c", true},
		{"abc", "*b*", true},
		{"abc", "a?c", true},
		{"abc", "a??c", false},
		{"aüc", "a?c", true},
		{"€bcc", "*??b*", false},
		{"ü", "*?", true},
		{"ab", "*?*?*", true},
		{"a", "*?*?*", false},
		{"mississippi", "*iss*ip*", true},
		{"mississippi", "*iss*issx*", false},
		{"abc", "x|abc|y", true},
		{"abc", "x|y", false},
		{"a|b", "a|b", false},
		{"a.c", "a.c", true},
		{"abc", "a.c", false},
		{"abc", "[abc]*", false},
		{"x", strings.Repeat("*", maxPattern), true},
		{"x", strings.Repeat("*", maxPattern+1), false},
	} {
		if got := like(tc.text, tc.pattern); got != tc.want {
			t.Errorf("%q like %q: %v, want %v", tc.text, tc.pattern, got, tc.want)
		}
	}
}

// The pattern that makes backtracking matchers take forever.
func TestLikeDoesNotExplode(t *testing.T) {
	start := time.Now()
	if like(strings.Repeat("a", 8<<10), strings.Repeat("*a", 250)+"b") {
		t.Error("it matches")
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// FuzzLike holds the matcher against a regular expression of the same meaning.
func FuzzLike(f *testing.F) {
	for _, seed := range [][2]string{{"abc", "a*|?"}, {"mississippi", "*iss*ip*"}, {"ü\nx", "?\n*"}, {"", "|"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, pattern string) {
		got := like(text, pattern)
		if !utf8.ValidString(text) || !utf8.ValidString(pattern) || len(pattern) > maxPattern {
			return
		}
		expr := strings.NewReplacer(`\*`, ".*", `\?`, ".", `\|`, "|").Replace(regexp.QuoteMeta(pattern))
		if want := regexp.MustCompile(`(?s)\A(?:` + expr + `)\z`).MatchString(text); got != want {
			t.Fatalf("%q like %q: %v, want %v", text, pattern, got, want)
		}
	})
}
