package thing

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// State is a thing as it is between two commands. A nil State is that of a thing that never existed. States are values:
// whoever has one may keep it, and nobody modifies it.
type State struct {
	// Revision counts the changes of the thing, beginning with 1 and going on after it was deleted.
	Revision int64
	// Created and Modified are when the thing was created and last changed, in UTC.
	Created, Modified time.Time
	// Deleted says that the thing is gone; Doc is nil then.
	Deleted bool
	// Due is when something has to be done about the thing, which is never: it is zero.
	Due time.Time
	// Doc is the thing as canonical JSON.
	Doc []byte
	// Meta is the metadata of the thing as canonical JSON, an object with what is told of its parts in their places; nil if
	// there is none.
	Meta []byte
}

// Exists reports whether there is a thing.
func (s *State) Exists() bool { return s != nil && !s.Deleted }

// ETag returns the entity tag of the whole thing, with its quotes, or "" if there is none.
func (s *State) ETag() string {
	if !s.Exists() {
		return ""
	}
	return protocol.RevisionTag(s.Revision)
}

// Get returns the part of the thing that p addresses, and reports whether there is one.
func (s *State) Get(p document.Pointer) (raw []byte, ok bool) {
	if !s.Exists() {
		return nil, false
	}
	return s.part(p)
}

// part is Get for a thing that exists.
func (s *State) part(p document.Pointer) (raw []byte, ok bool) {
	if len(p) == 0 {
		return s.Doc, true
	}
	return document.Get(s.Doc, p)
}

// PolicyID returns the id of the policy that governs the thing, "" if there is no thing.
func (s *State) PolicyID() string { return s.text(memberPolicyID) }

// namespace returns the part of the thing's id before the first colon.
func (s *State) namespace() string { return protocol.NamespaceOf(s.text(memberThingID)) }

// text returns a member of the thing that is a string.
func (s *State) text(name string) string {
	raw, ok := s.Get(document.Pointer{name})
	if !ok {
		return ""
	}
	return textOf(raw)
}

// revision returns the revision, 0 if the thing never existed.
func (s *State) revision() int64 {
	if s == nil {
		return 0
	}
	return s.Revision
}

// after returns the state that follows s when the thing becomes doc.
func (s *State) after(doc []byte, now time.Time) *State {
	return &State{Revision: s.Revision + 1, Created: s.Created, Modified: now, Doc: doc}
}

// textOf decodes a JSON string of a canonical document; anything else is "".
func textOf(raw []byte) string {
	text, err := document.Unquote(raw)
	if err != nil {
		return ""
	}
	return text
}
