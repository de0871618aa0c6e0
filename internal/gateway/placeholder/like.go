package placeholder

import (
	"strings"
	"unicode/utf8"
)

// maxPattern bounds the patterns of like, in bytes. What is longer, which only a placeholder can be in practice, matches
// nothing.
const maxPattern = 512

// like tells whether the whole text matches one of the patterns that vertical bars separate. In a pattern * stands for any
// number of characters and ? for one; upper and lower case differ. It takes no more steps than the product of the lengths.
func like(text, patterns string) bool {
	if len(patterns) > maxPattern {
		return false
	}
	for pattern := range strings.SplitSeq(patterns, "|") {
		if matches(text, pattern) {
			return true
		}
	}
	return false
}

// matches tries the shortest text for a star first, and gives the latest star one more character whenever what follows it
// does not match. An earlier star never needs to be tried again: whatever it could give up, the latest one can take.
func matches(text, pattern string) bool {
	star, resume := -1, 0 // the index after the latest star, and of the first character in the text that it does not take
	t, p := 0, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			p++
			star, resume = p, t
			continue
		}
		if n, m := step(text[t:], pattern[p:]); n > 0 {
			t += n
			p += m
			continue
		}
		if star < 0 {
			return false
		}
		_, size := utf8.DecodeRuneInString(text[resume:])
		resume += size
		t, p = resume, star
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// step returns how much of the text and of the pattern the first character of the pattern, which is no star, takes, 0 if
// it does not match.
func step(text, pattern string) (n, m int) {
	switch {
	case pattern == "":
		return 0, 0
	case pattern[0] == '?':
		_, n = utf8.DecodeRuneInString(text)
		return n, 1
	case pattern[0] == text[0]:
		return 1, 1
	}
	return 0, 0
}
