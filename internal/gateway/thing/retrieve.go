package thing

import (
	"slices"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Fields of a thing that are no part of its document and only shown to those who select them. Others that the protocol
// knows, _metadata and _context, no thing has.
const (
	fieldNamespace = "_namespace"
	fieldRevision  = "_revision"
	fieldCreated   = "_created"
	fieldModified  = "_modified"
	fieldPolicy    = "_policy"
)

// retrieve decides a retrieve command on an existing thing.
func (d *decision) retrieve() (Outcome, *protocol.Error) {
	if !d.present {
		return Outcome{}, d.errAbsent(d.state.Doc)
	}
	value := d.old
	if d.HasFields {
		if d.Path.Kind == protocol.Root {
			value = View(d.state, d.Fields)
		} else {
			value = d.Fields.Apply(value)
		}
	}
	return Outcome{Response: Response{
		Action: protocol.Retrieve, Status: statusOK, Value: value, ETag: d.tag(d.state.Revision, d.old), Revision: d.state.Revision,
	}}, nil
}

// View returns the selected parts of a thing that exists, among them the special fields that are selected by name.
func View(st *State, sel document.Selector) []byte {
	return sel.Apply(extended(st, sel))
}

// extended returns the thing together with the special fields that sel selects.
func extended(st *State, sel document.Selector) []byte {
	doc := st.Doc
	extend := func(name string, value func() []byte) {
		if !selected(sel, name) {
			return
		}
		if v := value(); v != nil {
			doc = document.Set(doc, document.Pointer{name}, v)
		}
	}
	extend(fieldNamespace, func() []byte { return document.AppendString(nil, st.namespace()) })
	extend(fieldRevision, func() []byte { return strconv.AppendInt(nil, st.Revision, 10) })
	extend(fieldCreated, func() []byte { return instant(st.Created) })
	extend(fieldModified, func() []byte { return instant(st.Modified) })
	extend(fieldPolicy, st.ownPolicy)
	return doc
}

// selected reports whether sel selects a member of the thing, or a part of it, by name.
func selected(sel document.Selector, name string) bool {
	return slices.ContainsFunc(sel.Pointers(), func(p document.Pointer) bool { return len(p) > 0 && p[0] == name })
}

// selects reports whether the command retrieves a special field.
func (c *Command) selects(field string) bool {
	return c.HasFields && c.Path.Kind == protocol.Root && selected(c.Fields, field)
}

// instant returns a time as a JSON string in the form of ISO 8601, in UTC and up to nanoseconds.
func instant(t time.Time) []byte {
	return document.AppendString(nil, t.UTC().Format(time.RFC3339Nano))
}
