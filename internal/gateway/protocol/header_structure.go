package protocol

import (
	"github.com/twinway/twinway/internal/gateway/document"
)

// structureJSON makes a canonical array or object of a value, which may also be text that is one.
func structureJSON(value []byte, kind document.Kind) (raw []byte, wanted string) {
	if document.KindOf(value) == document.String {
		value = []byte(textOf(value))
	}
	canonical, err := document.Canonical(value)
	if err != nil || document.KindOf(canonical) != kind {
		return nil, "a JSON " + kind.String()
	}
	return canonical, ""
}

// labelsJSON makes an array of labels of a value.
func labelsJSON(value []byte) (raw []byte, wanted string) {
	list, wanted := structureJSON(value, document.Array)
	if wanted != "" {
		return nil, wanted
	}
	for element := range document.Elements(list) {
		if document.KindOf(element) != document.String || !validLabel(string(bytesOf(element))) {
			return nil, "an array of acknowledgement labels, which " + excerpt(string(element)) + " is not"
		}
	}
	return list, ""
}

// metadataJSON makes an array of keys and values of a value.
func metadataJSON(value []byte) (raw []byte, wanted string) {
	list, wanted := structureJSON(value, document.Array)
	if wanted != "" {
		return nil, wanted
	}
	for element := range document.Elements(list) {
		key, hasKey := document.Get(element, document.Pointer{"key"})
		_, hasValue := document.Get(element, document.Pointer{"value"})
		if !hasKey || !hasValue || document.KindOf(key) != document.String {
			return nil, "an array of objects with a key, which is text, and a value"
		}
	}
	return list, ""
}
