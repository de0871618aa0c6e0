package thing

import (
	"slices"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Fields of a thing that are no part of its document and only shown to those who select them. Another that the protocol
// knows, _context, no thing has.
const (
	fieldNamespace = "_namespace"
	fieldRevision  = "_revision"
	fieldCreated   = "_created"
	fieldModified  = "_modified"
	fieldPolicy    = "_policy"
	fieldMetadata  = "_metadata"
)

// retrieve decides a retrieve command on an existing thing.
func (d *decision) retrieve() (Outcome, *protocol.Error) {
	value, err := d.shown()
	if err != nil {
		return Outcome{}, err
	}
	tag := d.tag(d.state.Revision, d.old)
	if err := d.precondition(tag); err != nil {
		return Outcome{}, err
	}
	device, err := d.forDevice()
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case d.HasFields && d.Path.Kind == protocol.Root:
		value = View(d.state, value, d.Fields, d.rights, d.who)
	case d.HasFields:
		value = d.Fields.Apply(value)
	}
	return Outcome{Historical: d.historical, ForDevice: device, Response: Response{
		Action: protocol.Retrieve, Status: statusOK, Value: value, ETag: tag, Revision: d.state.Revision,
		Metadata: d.toldMetadata(),
	}}, nil
}

// shown returns what the requester may read of what they asked for.
func (d *decision) shown() ([]byte, *protocol.Error) {
	if !d.present {
		return nil, d.errAbsent(d.state.Doc)
	}
	view, ok := []byte(nil), false
	if d.Path.Kind == protocol.Root {
		view, ok = Visible(d.state, d.rights)
	} else {
		view, ok = d.rights.View(enforcer.Thing, d.Path.Pointer, d.old)
	}
	if !ok {
		return nil, d.errUnreadable()
	}
	return view, nil
}

// View returns the selected parts of doc, which is what may be read with these rights of a thing that exists, and the special
// fields that are selected by name.
func View(st *State, doc []byte, sel document.Selector, rights *enforcer.Rights, who Authority) []byte {
	return sel.Apply(extended(st, doc, sel, rights, who))
}

// extended returns doc together with the special fields that sel selects.
func extended(st *State, doc []byte, sel document.Selector, rights *enforcer.Rights, who Authority) []byte {
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
	extend(fieldMetadata, func() []byte { return VisibleParts(st.Meta, rights) })
	extend(fieldPolicy, func() []byte { return who.PolicyView(st.PolicyID()) })
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
func instant(t time.Time) []byte { return appendInstant(nil, t) }

// appendInstant appends what instant returns.
func appendInstant(dst []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}
