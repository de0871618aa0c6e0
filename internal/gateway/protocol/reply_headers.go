package protocol

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
)

// replyHeaders are the headers of what the server sends because of a command: those that it sets, and after them those of
// the command that may be shown.
type replyHeaders struct {
	command       Headers
	correlationID string // "" if that of the command stays
	originator    string // "" if unknown
	etag          string // "" if there is none
	revision      int64  // 0 if there is none
	// contentType is "" if that of the command stays.
	contentType string
	// event says that the list of requested acknowledgements is acks. In a response it is that of the command without what
	// only concerns the server.
	event      bool
	acks       []string
	retryAfter int64 // seconds, 0 if there is no saying
	historical bool
	metadata   []byte // nil if there is none
}

// append appends the headers as a JSON object.
func (r *replyHeaders) append(dst []byte) []byte {
	dst = append(dst, '{')
	start := len(dst)
	dst = r.appendCorrelationID(dst)
	dst = append(dst, `"response-required":false`...)
	dst = appendText(dst, `,"ditto-originator":`, r.originator)
	dst = appendText(dst, `,"etag":`, r.etag)
	if r.revision != 0 {
		dst = append(dst, `,"entity-revision":`...)
		dst = strconv.AppendInt(dst, r.revision, 10)
	}
	dst = appendText(dst, `,"content-type":`, r.contentType)
	if r.event {
		dst = AppendLabels(append(dst, requestedAcksMember...), r.acks)
	}
	if r.retryAfter != 0 {
		dst = append(dst, `,"`+retryAfter+`":"`...)
		dst = strconv.AppendInt(dst, r.retryAfter, 10)
		dst = append(dst, '"')
	}
	if r.historical {
		dst = append(dst, `,"historical-headers":{}`...)
	}
	if r.metadata != nil {
		dst = append(append(dst, `,"ditto-metadata":`...), r.metadata...)
	}
	for i := range r.command.fields {
		f := &r.command.fields[i]
		if r.replaces(f) {
			continue
		}
		if f.known == HeaderRequestedAcks {
			dst = appendCustomLabels(dst, f.raw)
			continue
		}
		dst = f.append(dst, start)
	}
	return append(dst, '}')
}

// appendCorrelationID appends the correlation id and a comma, or nothing if there is none.
func (r *replyHeaders) appendCorrelationID(dst []byte) []byte {
	id, ok := r.command.Get(HeaderCorrelationID)
	switch {
	case r.correlationID != "":
		dst = document.AppendString(append(dst, `"correlation-id":`...), r.correlationID)
	case ok:
		dst = append(append(dst, `"correlation-id":`...), id...)
	default:
		return dst
	}
	return append(dst, ',')
}

// retryAfter is the header of HTTP that says when to try again.
const retryAfter = "retry-after"

// replaces reports whether a header of the command is not shown, or not with its value.
func (r *replyHeaders) replaces(f *field) bool {
	switch f.known {
	case HeaderCorrelationID, HeaderResponseRequired, HeaderOriginator, HeaderETag, HeaderEntityRevision, HeaderMetadata:
		return true
	case HeaderContentType:
		return r.contentType != ""
	case HeaderRequestedAcks:
		return r.event
	case customHeader:
		return r.retryAfter != 0 && lookupEqual(f.name, retryAfter)
	}
	return !catalogue[f.known].way.out()
}

// lookupEqual reports whether a name, which is a JSON string, is the other one, in whatever case.
func lookupEqual(quoted []byte, name string) bool {
	f := field{name: quoted}
	return f.is(customHeader, []byte(`"`+name+`"`))
}

// appendText appends a member of which name is everything before the value, or nothing if there is no text.
func appendText(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	return document.AppendString(append(dst, name...), text)
}

// AppendLabels appends labels as a JSON array.
func AppendLabels(dst []byte, labels []string) []byte {
	dst = append(dst, '[')
	for i, label := range labels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = document.AppendString(dst, label)
	}
	return append(dst, ']')
}

const requestedAcksMember = `,"requested-acks":`

// appendCustomLabels appends the header requested-acks with those labels that the server does not issue itself, or nothing if
// there were only such. Protocol rule: a list that was empty is shown.
func appendCustomLabels(dst, list []byte) []byte {
	before := len(dst)
	dst = append(append(dst, requestedAcksMember...), '[')
	start := len(dst)
	dropped := false
	for element := range document.Elements(list) {
		if isServerLabel(element) {
			dropped = true
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(dst, element...)
	}
	if dropped && len(dst) == start {
		return dst[:before]
	}
	return append(dst, ']')
}

// isServerLabel reports whether a label, a canonical JSON string, is one that only the server issues.
func isServerLabel(raw []byte) bool {
	switch string(raw) {
	case `"` + LabelTwinPersisted + `"`, `"` + LabelLiveResponse + `"`, `"` + LabelSearchPersisted + `"`:
		return true
	}
	return false
}
