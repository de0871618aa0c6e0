package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// fieldContext is the member of a normalized thing that tells of the event itself.
const fieldContext = "_context"

// normalizedForm writes events as the thing that they are about, as far as they tell of it.
type normalizedForm struct {
	// fields are selected, if selects.
	fields  document.Selector
	selects bool
	// context says that what is known of the event itself may be among them.
	context bool
	// deleted says that it is told what was deleted.
	deleted bool
}

func newNormalizedForm(fields string, deleted bool) (*normalizedForm, error) {
	f := &normalizedForm{selects: fields != "", deleted: deleted, context: true}
	if !f.selects {
		return f, nil
	}
	var err error
	if f.fields, err = document.ParseSelector(fields); err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	f.context = slices.ContainsFunc(f.fields.Pointers(), mayBeContext)
	return f, nil
}

// mayBeContext reports whether a pointer that is selected leads to the context, or to all that there is.
func mayBeContext(p document.Pointer) bool { return len(p) == 0 || p[0] == fieldContext || p[0] == "*" }

func (f *normalizedForm) write(s *Signal, _ string, _ time.Time) (*external.Message, error) {
	at, ok := s.at()
	if !f.tells(s, at) {
		return nil, nil
	}
	if !ok {
		return nil, fmt.Errorf("the path %s is no pointer", s.Path)
	}
	return newMessage(protocol.JSON, f.thing(s, at)), nil
}

// tells reports whether an event is told. Protocol rule: the deletion of a part is only told if it is wanted.
func (f *normalizedForm) tells(s *Signal, at document.Pointer) bool {
	if !s.isEvent() {
		return false
	}
	switch s.Topic.Action {
	case protocol.Created, protocol.Modified, protocol.Merged:
		return true
	case protocol.Deleted:
		return f.deleted || len(at) == 0
	}
	return false
}

// thing returns the thing of an event.
//
// Protocol rules: what has changed is in its place, and so are extra fields. What a patch has removed is not there. In _context is
// the event as it was. Fields are selected from all that.
func (f *normalizedForm) thing(s *Signal, at document.Pointer) []byte {
	told := document.Overlay(s.thing(), f.special(s, at))
	if s.Topic.Action == protocol.Merged {
		told = document.StripEmpty(told)
	}
	if f.context {
		told = document.Overlay(told, contextOf(s))
	}
	if f.selects {
		told = f.fields.Apply(told)
	}
	return told
}

// special returns an object with what is known of the thing besides its document.
func (f *normalizedForm) special(s *Signal, at document.Pointer) []byte {
	w := members{'{'}
	if s.HasRevision {
		w.name("_revision")
		w = strconv.AppendInt(w, s.Revision, 10)
	}
	if s.Timestamp == "" {
		return w.end()
	}
	w.text("_modified", s.Timestamp)
	if s.Topic.Action == protocol.Deleted && len(at) == 0 {
		w.text("_deleted", s.Timestamp)
	}
	if f.deleted {
		w.add("_deletedFields", deletedFields(s, at))
	}
	return w.end()
}

// contextOf returns an object with what an event says of itself. Protocol rules: headers are texts there, and a value that there is
// not is null.
func contextOf(s *Signal) []byte {
	w := append(make(members, 0, len(s.Text)+len(fieldContext)), `{"`+fieldContext+`":{`...)
	w.text("topic", s.Topic.String())
	path, value := s.Path, s.Value
	if path == "" {
		path = "/"
	}
	if value == nil {
		value = []byte("null")
	}
	w.text("path", path)
	w.add("value", value)
	if s.HasFields {
		w.text("fields", s.Fields)
	}
	w.name("headers")
	w = append(w, '{')
	for name, text := range s.Headers.AllShown() {
		w.text(name, text)
	}
	return append(w, "}}}"...)
}
