package thing

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// toldMetadata returns the metadata that a retrieve asked for, nil if it did not ask. Protocol rule: it begins at the
// command's path, and is an empty object if there is none.
func (d *decision) toldMetadata() []byte {
	if d.metadata == nil || d.metadata.get == nil {
		return nil
	}
	meta, _ := document.Get(d.state.Meta, d.Path.Pointer)
	view, _ := d.rights.View(enforcer.Thing, d.Path.Pointer, meta, alwaysVisible...)
	return d.metadata.get.Pick(view, d.old)
}
