package protocol

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// ReadText sets a header, of whatever name, from its text, as a binding has it whose headers are texts: lists of acknowledgements
// may have commas between labels instead of being JSON. What clients may not set is left out.
//
// Errors: acknowledgement:label.invalid for labels, header.invalid and timeout.invalid for other values.
func (h *Headers) ReadText(name, text string) *Error {
	known := lookup(name)
	switch {
	case name == "" || !catalogue[known].way.in():
		return nil
	case known == customHeader:
		h.put(field{name: document.AppendString(nil, name), raw: document.AppendString(nil, strings.ToValidUTF8(text, "\uFFFD"))})
		return nil
	}
	raw, err := sessionValue(known, text)
	if err != nil {
		return err
	}
	h.Set(known, raw)
	return nil
}

// HasNamed reports whether there is a header of whatever name.
func (h *Headers) HasNamed(name string) bool {
	return h.index(lookup(name), document.AppendString(nil, name)) >= 0
}

// DeleteNamed removes a header of whatever name.
func (h *Headers) DeleteNamed(name string) {
	h.remove(lookup(name), document.AppendString(nil, name))
}
