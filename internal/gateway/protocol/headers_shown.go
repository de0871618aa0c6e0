package protocol

import (
	"bytes"

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
