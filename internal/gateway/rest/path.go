package rest

import (
	"net/url"
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
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

// usualPath is how many bytes most paths of envelopes have at most.
const usualPath = 64

// pointerOf returns the path of an envelope that leads along segments.
//
// Protocol rule: names have no slashes, however they are written; ~0 and ~1 are what they are in the path of an envelope.
func pointerOf(segments []string) (string, *protocol.Error) {
	if len(segments) == 0 {
		return "/", nil
	}
	var b strings.Builder
	b.Grow(usualPath)
	for _, s := range segments {
		if strings.Contains(s, "/") {
			return "", protocol.ErrKeyInvalid(s, "A name must not contain a slash.")
		}
		b.WriteByte('/')
		b.WriteString(s)
	}
	return b.String(), nil
}
