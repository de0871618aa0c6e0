package rest

import (
	"net/url"
	"strings"
)

// maxSegments is how many segments a path may have: those of a pointer, and what is before them.
const maxSegments = 128

// split returns the segments of a path as it was sent, each decoded for itself: a slash that was escaped separates nothing. It
// reports whether that is possible. A slash at the end makes an empty segment.
func split(escaped string) (segments []string, ok bool) {
	escaped = strings.TrimPrefix(escaped, "/")
	segments = make([]string, 0, 8)
	for part := range strings.SplitSeq(escaped, "/") {
		segment, err := url.PathUnescape(part)
		if err != nil || len(segments) == maxSegments {
			return nil, false
		}
		segments = append(segments, segment)
	}
	return segments, true
}

// pointerOf returns the path of an envelope that leads along segments. Protocol rule: a segment may be written as in a JSON
// pointer, with ~1 for a slash; a slash that was percent-encoded is one of its name, too. One slash at the end is ignored.
func pointerOf(segments []string) string {
	if n := len(segments); n > 0 && segments[n-1] == "" {
		segments = segments[:n-1]
	}
	if len(segments) == 0 {
		return "/"
	}
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(s, "/", "~1"))
	}
	return b.String()
}
