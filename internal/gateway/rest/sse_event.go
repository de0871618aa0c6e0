package rest

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// mediaEvents is the media type of server-sent events.
const mediaEvents = "text/event-stream"

// event is a server-sent event (WHATWG HTML, section 9.2).
type event struct {
	// name is that of its type, "" for a message. Id is what the client comes back with, "" for nothing.
	name, id string
	data     []byte // UTF-8
}

// heartbeat is an event without data, of which clients are not told.
const heartbeat = "data:\n\n"

// append appends the event as text.
func (e *event) append(dst []byte) []byte {
	if e.name != "" {
		dst = appendLine(dst, "event", []byte(inOneLine.Replace(e.name)))
	}
	for rest, more := e.data, true; more; {
		var line []byte
		line, rest, more = cutLine(rest)
		dst = appendLine(dst, "data", line)
	}
	if e.id != "" && !strings.ContainsAny(e.id, "\x00\r\n") { // which ids may not have
		dst = appendLine(dst, "id", []byte(e.id))
	}
	return append(dst, '\n')
}

// inOneLine makes what is no line break of one.
var inOneLine = strings.NewReplacer("\r", " ", "\n", " ")

// appendLine appends a field. The first space behind the colon belongs to it, whoever wrote that.
func appendLine(dst []byte, field string, value []byte) []byte {
	dst = append(append(dst, field...), ':')
	if len(value) > 0 && value[0] == ' ' {
		dst = append(dst, ' ')
	}
	return append(append(dst, value...), '\n')
}

// cutLine returns the text before the first line break, which may be of any kind, and what is behind it.
func cutLine(text []byte) (line, rest []byte, found bool) {
	at := bytes.IndexAny(text, "\r\n")
	if at < 0 {
		return text, nil, false
	}
	line, rest = text[:at], text[at+1:]
	if text[at] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	return line, rest, true
}

// wantsEvents reports whether a request asks for server-sent events. Protocol rule: it names them; that it takes anything is not
// enough.
func (q *request) wantsEvents() bool {
	for _, list := range [][]string{q.http.Header.Values("Accept"), q.query["accept"]} {
		for media := range strings.SplitSeq(strings.Join(list, ","), ",") {
			media, parameters, _ := strings.Cut(media, ";")
			if strings.EqualFold(strings.TrimSpace(media), mediaEvents) && !isRefused(parameters) {
				return true
			}
		}
	}
	return false
}

// isRefused reports whether the parameters of a media type say that it is the one that is not wanted (RFC 9110, section 12.4.2).
func isRefused(parameters string) bool {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if strings.EqualFold(name, "q") && strings.Trim(value, "0.") == "" {
			return true
		}
	}
	return false
}

// orEvents returns the endpoint that answers with events who asks for them, and all others as plain does.
func orEvents(plain, events endpoint) endpoint {
	return func(q *request) *answer {
		if q.wantsEvents() {
			return events(q)
		}
		return plain(q)
	}
}

// onlyPost and onlyEvents answer who asks for something else than there is.
func onlyPost(q *request) *answer {
	return methods{http.MethodPost: nil}.refuse(q.http.Method)
}

func onlyEvents(q *request) *answer {
	return refusal(protocol.ErrRouteNotFound(q.http.URL.EscapedPath()))
}
