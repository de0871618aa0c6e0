package rql

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Subject is what a predicate is evaluated on: the layers of one JSON document, and what is no document.
type Subject struct {
	// Layers are merged: what an earlier one has wins, objects are merged, arrays are not.
	Layers []Layer
	// Facts may be nil, which is like having none.
	Facts Facts
	// Now is what times in the expression are relative to.
	Now time.Time
	// Work is how much work all evaluations that share it may take together, each no more than Limit; it is lowered by
	// what was done. It may be nil.
	Work *int
	// Limit is how much work the evaluation may take, 0 for [MaxWork].
	Limit int
}

// limit is how much work the evaluation may take.
func (s *Subject) limit() int {
	limit := s.Limit
	if limit == 0 {
		limit = MaxWork
	}
	if s.Work != nil {
		limit = min(*s.Work, limit)
	}
	return limit
}

// Layer is a part of the document.
type Layer struct {
	// At is where in the document the value is; nil for the whole.
	At document.Pointer
	// Value is canonical JSON; nil contributes nothing.
	Value []byte
	// Patch says that the value is a merge patch: members that are null are absent.
	Patch bool
}

// Facts is what is known besides the document.
type Facts interface {
	// AppendField appends the JSON of a special field (_namespace, _revision, _created, _modified) to dst; false if there
	// is none. A field that is there wins over the layers.
	AppendField(dst []byte, name string) ([]byte, bool)
	// Placeholder returns the text of topic:…, resource:… or entity:…; false if it has none, which is like a missing property.
	Placeholder(name string) (string, bool)
}
