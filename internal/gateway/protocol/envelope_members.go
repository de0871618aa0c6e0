package protocol

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
)

// members are the members of an envelope as JSON, nil where there is none.
type members struct {
	topic, headers, path, value, extra, status, revision, timestamp, metadata, fields []byte
}

// split takes the text of an envelope apart and checks its syntax. Protocol rules: unknown members are ignored, and of several
// with the same name the last counts. In case of an error it has what came before.
func (m *members) split(frame []byte) error {
	end, err := scanObject(frame, document.SkipSpace(frame, 0), func(name, value []byte) bool {
		m.set(name, value)
		return true
	})
	if err != nil {
		return err
	}
	if end = document.SkipSpace(frame, end); end != len(frame) {
		return syntaxError(end)
	}
	return nil
}

// set takes a member. Protocol rule: null is a value, but any other member that is null is absent.
func (m *members) set(name, value []byte) {
	if bytes.IndexByte(name, '\\') >= 0 {
		name = document.AppendString(nil, textOf(name))
	}
	if string(name) == `"value"` {
		m.value = value
		return
	}
	if document.KindOf(value) == document.Null {
		value = nil
	}
	switch string(name) {
	case `"topic"`:
		m.topic = value
	case `"headers"`:
		m.headers = value
	case `"path"`:
		m.path = value
	case `"extra"`:
		m.extra = value
	case `"status"`:
		m.status = value
	case `"revision"`:
		m.revision = value
	case `"timestamp"`:
		m.timestamp = value
	case `"metadata"`:
		m.metadata = value
	case `"fields"`:
		m.fields = value
	}
}
