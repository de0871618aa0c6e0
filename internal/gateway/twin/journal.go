package twin

import (
	"encoding/binary"
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// journalVersion is the first byte of every record in the history of a thing.
const journalVersion = 1

// journalActions are the actions of events as they are written to disk.
var journalActions = map[protocol.Action]byte{
	protocol.Created:  'c',
	protocol.Modified: 'm',
	protocol.Merged:   'p',
	protocol.Deleted:  'd',
}

// appendJournal appends the record of an event in the history of its thing:
//
//	version  1 byte
//	action   1 byte, see journalActions
//	path     its length as a varint, its text
//	value    the JSON, to the end; absent for deletions
//
// Revision and time are kept beside it. That an event holds a merge patch
// follows from its action.
func appendJournal(dst []byte, e *thing.Event) []byte {
	path := e.Path.String()
	dst = slices.Grow(dst, 2+binary.MaxVarintLen32+len(path)+len(e.Value))
	dst = append(dst, journalVersion, journalActions[e.Action])
	dst = binary.AppendUvarint(dst, uint64(len(path)))
	dst = append(dst, path...)
	return append(dst, e.Value...)
}
