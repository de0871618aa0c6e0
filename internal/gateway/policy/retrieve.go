package policy

import (
	"slices"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// memberPolicyID is the member of a policy that everybody may read who may read anything of it.
const memberPolicyID = "policyId"

// Fields of a policy that are no part of its document and only shown to those who select them. Others that the protocol
// knows, _metadata and __lifecycle, no policy has.
const (
	fieldNamespace = "_namespace"
	fieldRevision  = "_revision"
	fieldCreated   = "_created"
	fieldModified  = "_modified"
)

// retrieve decides a retrieve command on an existing policy: the requester is answered with what it may read.
func (d *decision) retrieve() (Outcome, *protocol.Error) {
	if !d.present {
		return Outcome{}, d.errAbsent()
	}
	value, tag := d.old, d.current()
	if d.Resolved {
		value, tag = d.merged(), ""
	}
	if d.HasFields {
		value = d.extended(value)
	}
	value, ok := d.who.Rights.View(enforcer.Policy, d.Path.Pointer, value, memberPolicyID)
	if !ok {
		return Outcome{}, protocol.ErrPolicyPartNotReadable(d.ID, d.Path)
	}
	if err := d.precondition(tag); err != nil {
		return Outcome{}, err
	}
	if d.HasFields {
		value = d.Fields.Apply(value)
	}
	return Outcome{Response: Response{
		Action: protocol.Retrieve, Path: d.Path, Status: statusOK, Value: value, ETag: tag, Revision: d.state.Revision,
		Historical: d.historical,
	}}, nil
}

// extended returns a policy together with the special fields that the command selects.
func (d *decision) extended(doc []byte) []byte {
	for _, field := range []struct {
		name  string
		value func() []byte
	}{
		{fieldNamespace, func() []byte { return document.AppendString(nil, d.Namespace) }},
		{fieldRevision, func() []byte { return strconv.AppendInt(nil, d.state.Revision, 10) }},
		{fieldCreated, func() []byte { return instant(d.state.Created) }},
		{fieldModified, func() []byte { return instant(d.state.Modified) }},
	} {
		if selected(d.Fields, field.name) {
			doc = document.Set(doc, document.Pointer{field.name}, field.value())
		}
	}
	return doc
}

// selected reports whether sel selects a member of the policy, or a part of it, by name.
func selected(sel document.Selector, name string) bool {
	return slices.ContainsFunc(sel.Pointers(), func(p document.Pointer) bool { return len(p) > 0 && p[0] == name })
}

// instant returns a time as a JSON string in the form of ISO 8601, in UTC and up to nanoseconds.
func instant(t time.Time) []byte {
	return document.AppendString(nil, t.UTC().Format(time.RFC3339Nano))
}
