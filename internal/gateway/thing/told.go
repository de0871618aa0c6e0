package thing

import "github.com/twinway/twinway/internal/gateway/document"

// Told returns a thing as far as an event tells of it: its id, what the event has at a path, nil for nothing, and extra fields, nil
// for none, each in its place. Where the event and the extra fields have something, the event counts; null is a value. All is
// canonical JSON.
func Told(id string, at document.Pointer, value, extra []byte) []byte {
	told := append(document.AppendString([]byte(`{"`+memberThingID+`":`), id), '}')
	if extra != nil {
		told = document.Overlay(told, extra)
	}
	switch {
	case value == nil:
	case len(at) > 0:
		told = document.Overlay(told, document.Set(nil, at, value))
	case document.KindOf(value) == document.Object:
		told = document.Overlay(told, value)
	}
	return told
}
