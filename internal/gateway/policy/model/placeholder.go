package model

import (
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

const (
	placeholderOpen  = "{{"
	placeholderClose = "}}"

	legacyOpen  = "${"
	legacyClose = "}"

	// legacySubject is the only placeholder of the older form for which there is something.
	legacySubject = "${request.subjectId}"
)

// hasPlaceholder reports whether a text that may be a subject's id has a placeholder in it, of either form.
func hasPlaceholder(s string) bool {
	_, rest, found := strings.Cut(s, placeholderOpen)
	if found && strings.Contains(rest, placeholderClose) {
		return true
	}
	_, rest, found = strings.Cut(s, legacyOpen)
	return found && strings.Contains(rest, legacyClose)
}

// replacePlaceholders replaces the placeholders in a text:
//
//	{{ request:subjectId }}      the first authorization subject of the requester
//	{{ time:now }}               when the command is decided
//	{{ time:now_epoch_millis }}  the same in milliseconds since 1970
//
// What has the older form but is unknown stays. The error is placeholder:unresolved.
func (p parser) replacePlaceholders(text string) (string, *protocol.Error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, placeholderOpen)
		name, after, closed := strings.Cut(rest, placeholderClose)
		if !found || !closed {
			b.WriteString(p.replaceLegacy(text))
			return b.String(), nil
		}
		value, ok := p.placeholder(strings.TrimSpace(name))
		if !ok {
			return "", protocol.ErrPlaceholderUnresolved(placeholderOpen + name + placeholderClose)
		}
		b.WriteString(p.replaceLegacy(before))
		b.WriteString(value)
		text = after
	}
}

func (p parser) replaceLegacy(text string) string {
	return strings.ReplaceAll(text, legacySubject, p.Requester)
}

func (p parser) placeholder(name string) (string, bool) {
	switch name {
	case "request:subjectId":
		return p.Requester, true
	case "time:now":
		return p.Now.UTC().Format(time.RFC3339Nano), true
	case "time:now_epoch_millis":
		return strconv.FormatInt(p.Now.UnixMilli(), 10), true
	}
	return "", false
}
