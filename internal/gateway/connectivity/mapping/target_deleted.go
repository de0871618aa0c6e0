package mapping

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// deletedFields returns an object with the time of an event in the place of each part of the thing that it has deleted, nil if it has
// deleted none.
//
// Protocol rule: those are the part that the event is about, or what is null in a patch. What a patch deletes by pattern is not
// known.
func deletedFields(s *Signal, at document.Pointer) []byte {
	moment := document.AppendString(nil, s.Timestamp)
	var deleted []byte
	switch {
	case s.Topic.Action == protocol.Deleted && len(at) > 0:
		deleted = moment
	case s.Topic.Action == protocol.Merged && document.KindOf(s.Value) == document.Null && len(at) > 0:
		deleted = moment
	case s.Topic.Action == protocol.Merged:
		deleted = nulls(s.Value, moment)
	}
	if deleted == nil {
		return nil
	}
	return document.Set(nil, at, deleted)
}

// nulls returns an object with the moment in the place of each null of a patch, nil if there is none.
func nulls(patch, moment []byte) []byte {
	w := members{'{'}
	for name, value := range document.Members(patch) {
		switch document.KindOf(value) {
		case document.Null:
			if !document.IsPattern(name) {
				w.add(name, moment)
			}
		case document.Object:
			w.add(name, nulls(value, moment))
		}
	}
	if len(w) == len(`{`) {
		return nil
	}
	return w.end()
}
