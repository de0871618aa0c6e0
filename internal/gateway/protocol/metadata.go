package protocol

import (
	"fmt"

	"github.com/twinway/twinway/internal/gateway/document"
)

// MaxMetadataEntries is how many entries the header put-metadata may have.
const MaxMetadataEntries = 256

// MetadataEntry is a piece of metadata that a command brings.
type MetadataEntry struct {
	// Key says where it belongs, as seen from the command's path. It addresses something below that, perhaps by wildcards.
	Key document.Pointer
	// Value is JSON.
	Value []byte
}

// ReadPutMetadata reads the header put-metadata, nil if there is none. The error is header.invalid: for a key that is no
// pointer to something below the command's path, or too many entries.
func ReadPutMetadata(h *Headers) (entries []MetadataEntry, err *Error) {
	list, _ := h.Get(HeaderPutMetadata)
	for element := range document.Elements(list) {
		if len(entries) == MaxMetadataEntries {
			return nil, ErrMetadataInvalid(fmt.Sprintf("It has more than %d entries.", MaxMetadataEntries))
		}
		raw, _ := document.Get(element, document.Pointer{"key"})
		key, invalid := document.ParsePointer(textOf(raw))
		if invalid != nil || len(key) == 0 {
			return nil, ErrMetadataKeyInvalid(textOf(raw), "it is not a JSON pointer to a place below the path of the command")
		}
		value, _ := document.Get(element, document.Pointer{"value"})
		entries = append(entries, MetadataEntry{key, value})
	}
	return entries, nil
}
