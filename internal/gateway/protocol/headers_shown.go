package protocol

import (
	"bytes"
	"iter"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Shown returns the text of a header, whose name is compared in any case, if the header may be shown to clients.
func (h *Headers) Shown(name string) (text string, ok bool) {
	quoted := document.AppendString(nil, name)
	for i := range h.fields {
		if f := &h.fields[i]; catalogue[f.known].way.out() && bytes.EqualFold(f.name, quoted) {
			return textOf(f.raw), true
		}
	}
	return "", false
}

// AllShown iterates over the headers that may be shown to clients: their names as they were written, and what they say as text.
func (h *Headers) AllShown() iter.Seq2[string, string] {
	return func(yield func(name, text string) bool) {
		for i := range h.fields {
			if f := &h.fields[i]; catalogue[f.known].way.out() && !yield(textOf(f.name), textOf(f.raw)) {
				return
			}
		}
	}
}

// CustomLabels returns the labels of the acknowledgements that are requested of others than the server, as a JSON array, and
// whether it is shown: a list of which nothing remains is not, unless it was empty.
func (h *Headers) CustomLabels() (list []byte, shown bool) {
	raw, ok := h.Get(HeaderRequestedAcks)
	if !ok {
		return nil, false
	}
	return bytes.CutPrefix(appendCustomLabels(nil, raw), []byte(requestedAcksMember))
}
