package protocol

import (
	"bytes"
	"iter"
	"slices"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Headers are the headers of an envelope, in the order in which they came. Names are found in any case and kept as they were
// written. Values are JSON in the type that the header has on output; they have been checked. The zero value has none.
//
// Copies share their headers: change only one of them.
type Headers struct {
	fields []field
}

// field is a header and its value.
type field struct {
	name  []byte // JSON string
	raw   []byte // JSON value of the header's type
	known HeaderName
}

// is reports whether both fields are of the same header.
func (f *field) is(known HeaderName, name []byte) bool {
	return f.known == known && (known != customHeader || bytes.EqualFold(f.name, name))
}

// Len returns how many headers there are.
func (h *Headers) Len() int { return len(h.fields) }

// Size returns how much text the headers are, in bytes.
func (h *Headers) Size() int {
	size := 0
	for i := range h.fields {
		size += len(h.fields[i].name) + len(h.fields[i].raw)
	}
	return size
}

// Get returns the value of a header as JSON, which must not be modified.
func (h *Headers) Get(name HeaderName) (raw []byte, ok bool) {
	for i := range h.fields {
		if f := &h.fields[i]; f.known == name {
			return f.raw, true
		}
	}
	return nil, false
}

// Custom returns the value of a header that the protocol does not know as JSON, which must not be modified.
func (h *Headers) Custom(name string) (raw []byte, ok bool) {
	if i := h.index(customHeader, document.AppendString(nil, name)); i >= 0 {
		return h.fields[i].raw, true
	}
	return nil, false
}

// Has reports whether there is a header.
func (h *Headers) Has(name HeaderName) bool {
	_, ok := h.Get(name)
	return ok
}

// String returns the value of a header as text.
func (h *Headers) String(name HeaderName) (text string, ok bool) {
	raw, ok := h.Get(name)
	return textOf(raw), ok
}

// Bool returns the value of a header that is true or false, and whether there is one.
func (h *Headers) Bool(name HeaderName) (value, ok bool) {
	raw, ok := h.Get(name)
	return string(raw) == "true", ok
}

// Int returns the value of a header that is a whole number, and whether there is one.
func (h *Headers) Int(name HeaderName) (value int64, ok bool) {
	raw, ok := h.Get(name)
	if !ok {
		return 0, false
	}
	value, err := strconv.ParseInt(string(raw), 10, 64)
	return value, err == nil
}

// Strings returns the value of a header that is a list of strings, and whether there is one.
func (h *Headers) Strings(name HeaderName) (list []string, ok bool) {
	raw, ok := h.Get(name)
	for element := range document.Elements(raw) {
		list = append(list, textOf(element))
	}
	return list, ok
}

// All iterates over the headers: their names, and their values as JSON, which must not be modified.
func (h *Headers) All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := range h.fields {
			if !yield(textOf(h.fields[i].name), h.fields[i].raw) {
				return
			}
		}
	}
}

// Set sets a header of the catalogue. Raw must be JSON of its type, and is not modified.
func (h *Headers) Set(name HeaderName, raw []byte) {
	h.put(field{name: appendName(nil, name), raw: raw, known: name})
}

// SetString sets a header of the catalogue whose value is text.
func (h *Headers) SetString(name HeaderName, text string) {
	h.Set(name, document.AppendString(nil, text))
}

// Delete removes a header.
func (h *Headers) Delete(name HeaderName) {
	h.fields = slices.DeleteFunc(h.fields, func(f field) bool { return f.known == name && name != customHeader })
}

// Default adds those headers of d that h does not have.
func (h *Headers) Default(d Headers) {
	for _, f := range d.fields {
		if h.index(f.known, f.name) < 0 {
			h.add(f)
		}
	}
}

// Clone returns a copy that shares nothing with the headers, nor with the text that they came in.
func (h *Headers) Clone() Headers {
	text := make([]byte, 0, h.Size())
	keep := func(b []byte) []byte {
		start := len(text)
		text = append(text, b...)
		return text[start:len(text):len(text)]
	}
	fields := make([]field, len(h.fields))
	for i, f := range h.fields {
		fields[i] = field{name: keep(f.name), raw: keep(f.raw), known: f.known}
	}
	return Headers{fields: fields}
}

// FilterIn removes the headers that clients may not set. Those that [Decode] returns have been filtered.
func (h *Headers) FilterIn() { h.filterIn(false) }

// filterIn is FilterIn, except that acknowledgements may be marked as weak.
func (h *Headers) filterIn(ack bool) {
	h.fields = slices.DeleteFunc(h.fields, func(f field) bool {
		return !catalogue[f.known].way.in() && (!ack || f.known != HeaderWeakAck)
	})
}

// FilterThrough removes the headers that are not for everybody: those that clients may not set, and those that are not shown to
// them. What is left means the same wherever the envelope goes next. Ack says that it is an acknowledgement, which may be marked
// as weak.
func (h *Headers) FilterThrough(ack bool) {
	h.fields = slices.DeleteFunc(h.fields, func(f field) bool {
		return catalogue[f.known].way != both && (!ack || f.known != HeaderWeakAck)
	})
}

// put adds a header or replaces its value. Protocol rule: of several with the same name the last counts.
func (h *Headers) put(f field) {
	if i := h.index(f.known, f.name); i >= 0 {
		h.fields[i] = f
		return
	}
	h.add(f)
}

// usualHeaders is how many headers there is room for without growing.
const usualHeaders = 8

func (h *Headers) add(f field) {
	if h.fields == nil {
		h.fields = make([]field, 0, usualHeaders)
	}
	h.fields = append(h.fields, f)
}

// remove removes the header that f is of.
func (h *Headers) remove(known HeaderName, name []byte) {
	if i := h.index(known, name); i >= 0 {
		h.fields = slices.Delete(h.fields, i, i+1)
	}
}

// index returns where a header is, -1 if there is none. Name is a JSON string and matters only to custom headers.
func (h *Headers) index(known HeaderName, name []byte) int {
	for i := range h.fields {
		if h.fields[i].is(known, name) {
			return i
		}
	}
	return -1
}

// textOf returns what a JSON string says, and other JSON as it is.
func textOf(raw []byte) string {
	if document.KindOf(raw) != document.String {
		return string(raw)
	}
	text, err := document.Unquote(raw)
	if err != nil {
		return string(raw)
	}
	return text
}

// bytesOf is textOf without a copy, if that is possible. The result must not be modified.
func bytesOf(raw []byte) []byte {
	if document.KindOf(raw) != document.String {
		return raw
	}
	if bytes.IndexByte(raw, '\\') >= 0 {
		return []byte(textOf(raw))
	}
	return raw[1 : len(raw)-1]
}

// appendName appends the name of a header as a JSON string.
func appendName(dst []byte, name HeaderName) []byte {
	dst = append(dst, '"')
	dst = append(dst, name.String()...)
	return append(dst, '"')
}
