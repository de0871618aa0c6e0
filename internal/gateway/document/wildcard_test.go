package document

import "testing"

func TestWildcard(t *testing.T) {
	tests := []struct {
		pattern Wildcard
		text    string
		want    bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "org.acme", true},
		{"org.acme", "org.acme", true},
		{"org.acme", "org.acme2", false},
		{"org.acme*", "org.acme2", true},
		{"org.*.x", "org.a.b.x", true},
		{"org.*.x", "org.a.b.y", false},
		{"?", "a", true},
		{"?", "ä", true},
		{"?", "", false},
		{"?", "ab", false},
		{"a*b*c", "aXbXbXc", true},
		{"a*b*c", "aXbXbX", false},
		{"**a", "bca", true},
		{"nginx:*", "nginx:ditto", true},
		{"nginx:*", "pre:ditto", false},
		{"a.c", "abc", false},
	}
	for _, tt := range tests {
		if got := tt.pattern.Match(tt.text); got != tt.want {
			t.Errorf("%q matches %q: %t, want %t", tt.pattern, tt.text, got, tt.want)
		}
	}
}
