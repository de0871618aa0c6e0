package protocol

import "testing"

func TestETagsMatch(t *testing.T) {
	const current = `"rev:7"`
	for list, want := range map[string]bool{
		`"rev:7"`:           true,
		`"rev:8"`:           false,
		`"rev:8","rev:7"`:   true,
		`"rev:8" , "rev:7"`: true,
		` "rev:7" `:         true,
		`W/"rev:7"`:         false, // tags of the server are strong
		`W/"rev:7","rev:7"`: true,
		`*`:                 true,
		`"rev:8",*`:         true,
		`""`:                false,
		`"a,b"`:             false,
		`"rev:7,"`:          false,
	} {
		tags, ok := ParseETags(list)
		if !ok {
			t.Errorf("%s is refused", list)
		}
		if got := tags.Match(current); got != want {
			t.Errorf("%s matches %s: %t, want %t", list, current, got, want)
		}
		if tags.Match("") {
			t.Errorf("%s matches what does not exist", list)
		}
	}
}

func TestParseETagsRefuses(t *testing.T) {
	for _, list := range []string{
		``, ` `, `rev:7`, `"rev:7`, `rev:7"`, `"a*b"`, `"a",`, `,"a"`, `"a""b"`, `w/"a"`, `W/*`, `W/`, `"a" "b"`, `**`, `W/"`,
	} {
		if _, ok := ParseETags(list); ok {
			t.Errorf("%s is accepted", list)
		}
	}
}
