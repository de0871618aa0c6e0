package protocol

import (
	"slices"
	"strings"
)

// ETags is the list of entity tags of if-match or if-none-match.
type ETags struct {
	any  bool // the list has *
	tags []string
}

// ParseETags reads a list of entity tags in quotes, each perhaps after W/, or *, with commas between them. It reports whether
// the text is one; the headers of an envelope that was decoded are.
func ParseETags(s string) (list ETags, ok bool) {
	for {
		s = strings.TrimLeft(s, " \t")
		n := etagLen(s)
		if n == 0 {
			return ETags{}, false
		}
		if s[:n] == "*" {
			list.any = true
		} else {
			list.tags = append(list.tags, s[:n])
		}
		s = strings.TrimLeft(s[n:], " \t")
		if s == "" {
			return list, true
		}
		if s[0] != ',' {
			return ETags{}, false
		}
		s = s[1:]
	}
}

// Match reports whether the list has the entity tag, by strong comparison: the tags of the server are strong, so that those
// which a client sends as weak never match. * matches everything that exists; current is "" if it does not.
func (t ETags) Match(current string) bool {
	if current == "" {
		return false
	}
	return t.any || slices.Contains(t.tags, current)
}

// etagLen returns the length of the entity tag, or *, that s begins with, 0 if there is none.
func etagLen(s string) int {
	if strings.HasPrefix(s, "*") {
		return 1
	}
	opaque, _ := strings.CutPrefix(s, "W/")
	if !strings.HasPrefix(opaque, `"`) {
		return 0
	}
	end := strings.IndexAny(opaque[1:], `"*`)
	if end < 0 || opaque[1+end] != '"' {
		return 0
	}
	return len(s) - len(opaque) + end + len(`""`)
}
