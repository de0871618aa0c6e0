package protocol

import (
	"bytes"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
)

// bounds are how many headers an envelope may have, and how much text they may be, in bytes.
type bounds struct{ count, text int }

// The bounds of what clients send, and of what servers make of it, which add headers of their own.
var (
	sentBounds = bounds{count: 100, text: 64 << 10}
	toldBounds = bounds{count: 200, text: 128 << 10}
)

// decode reads the JSON object raw, whose syntax has been checked. The headers alias it. In case of an error nothing is left
// of them but the correlation id, if it is readable.
func (h *Headers) decode(raw []byte) *Error { return h.decodeWithin(raw, sentBounds) }

// decodeWithin is decode with other bounds.
func (h *Headers) decodeWithin(raw []byte, b bounds) *Error {
	err := h.readAll(raw, b)
	if err != nil {
		h.keepCorrelationID(raw)
	}
	return err
}

func (h *Headers) readAll(raw []byte, b bounds) *Error {
	if len(raw) > b.text {
		return errHeaders("They have more than " + strconv.Itoa(b.text>>10) + " KiB of text.")
	}
	count := 0
	for name, value := range rawMembers(raw) {
		if count++; count > b.count {
			return errHeaders("There are more than " + strconv.Itoa(b.count) + " of them.")
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
