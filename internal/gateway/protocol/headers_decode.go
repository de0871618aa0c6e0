package protocol

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Bounds of the headers of an envelope.
const (
	maxHeaders    = 100
	maxHeaderText = 64 << 10 // bytes
)

// decode reads the JSON object raw, whose syntax has been checked. The headers alias it. In case of an error nothing is left
// of them but the correlation id, if it is readable.
func (h *Headers) decode(raw []byte) *Error {
	err := h.readAll(raw)
	if err != nil {
		h.keepCorrelationID(raw)
	}
	return err
}

func (h *Headers) readAll(raw []byte) *Error {
	if len(raw) > maxHeaderText {
		return errHeaders("They have more than 64 KiB of text.")
	}
	count := 0
	for name, value := range rawMembers(raw) {
		if count++; count > maxHeaders {
			return errHeaders("There are more than 100 of them.")
		}
		if err := h.read(name, value); err != nil {
			return err
		}
	}
	return nil
}

// read reads one header. Protocol rule: a header that is null is not there.
func (h *Headers) read(name, value []byte) *Error {
	if bytes.IndexByte(name, '\\') >= 0 {
		name = document.AppendString(nil, textOf(name))
	}
	bare := name[1 : len(name)-1]
	if len(bare) == 0 {
		return errHeaders("There is one without a name.")
	}
	known := lookup(bare)
	if document.KindOf(value) == document.Null {
		h.remove(known, name)
		return nil
	}
	raw, wanted := convert(known, value)
	if wanted != "" {
		return errHeaderValue(known, textOf(name), value, wanted)
	}
	h.put(field{name: name, raw: raw, known: known})
	return nil
}

// keepCorrelationID leaves nothing but the correlation id in raw, if it is readable.
func (h *Headers) keepCorrelationID(raw []byte) {
	h.fields = nil
	for name, value := range rawMembers(raw) {
		if bytes.IndexByte(name, '\\') >= 0 {
			name = document.AppendString(nil, textOf(name))
		}
		if lookup(name[1:len(name)-1]) == HeaderCorrelationID {
			_ = h.read(name, value) // unreadable: there is none
		}
	}
}
