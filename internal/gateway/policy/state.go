package policy

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// State is a policy as it is between two commands. A nil State is that of a policy that never existed. States are values:
// whoever has one may keep it, and nobody modifies it.
type State struct {
	// Revision counts the changes of the policy, beginning with 1 and going on after it was deleted.
	Revision int64
	// Created and Modified are when the policy was created and last changed, in UTC.
	Created, Modified time.Time
	// Deleted says that the policy is gone; Doc is nil then.
	Deleted bool
	// Due is the earliest time at which something is to be done for a subject of the policy, zero for never.
	Due time.Time
	// Doc is the policy as canonical JSON, as the package model writes it.
	Doc []byte
	// Meta is what accompanies the document, which no policy has: it is nil.
	Meta []byte
}

// Exists reports whether there is a policy.
func (s *State) Exists() bool { return s != nil && !s.Deleted }

// ETag returns the entity tag of the whole policy, with its quotes, or "" if there is none.
func (s *State) ETag() string {
	if !s.Exists() {
		return ""
	}
	return protocol.RevisionTag(s.Revision)
}

// Policy returns what the state holds. It must exist; the error says that its document is damaged.
func (s *State) Policy() (*model.Policy, error) { return model.Load(s.Doc) }

// absentValues are what parts of a policy are as long as nobody has set them.
var absentValues = map[protocol.ResourceKind]string{
	protocol.PolicyNamespaces:              `[]`,
	protocol.PolicyReferences:              `[]`,
	protocol.PolicyImports:                 `{}`,
	protocol.PolicyImportEntries:           `[]`,
	protocol.PolicyImportTransitiveImports: `[]`,
}

// part returns the part of an existing policy that the path addresses, and reports whether there is one.
func (s *State) part(path protocol.Path) (raw []byte, ok bool) {
	p := path.Pointer
	if len(p) == 0 {
		return s.Doc, true
	}
	if raw, ok = document.Get(s.Doc, p); ok {
		return raw, true
	}
	absent, ok := absentValues[path.Kind]
	if !ok || len(p) > 1 && !has(s.Doc, p[:2]) {
		return nil, false
	}
	return []byte(absent), true
}

func has(doc []byte, p document.Pointer) bool {
	_, ok := document.Get(doc, p)
	return ok
}

// revision returns the revision, 0 if the policy never existed.
func (s *State) revision() int64 {
	if s == nil {
		return 0
	}
	return s.Revision
}

// begin returns the state that follows s when the policy is created as p, of which doc is the text.
func (s *State) begin(p *model.Policy, doc []byte, now time.Time) *State {
	return &State{Revision: s.revision() + 1, Created: now, Modified: now, Due: p.Due(), Doc: doc}
}

// after returns the state that follows s when the policy becomes p, of which doc is the text.
func (s *State) after(p *model.Policy, doc []byte, now time.Time) *State {
	return &State{Revision: s.Revision + 1, Created: s.Created, Modified: now, Due: p.Due(), Doc: doc}
}

// gone returns the state that follows s when the policy is deleted.
func (s *State) gone(now time.Time) *State {
	return &State{Revision: s.revision() + 1, Modified: now, Deleted: true}
}
