// Package journal is the form in which the history of an entity is kept: what
// every event has beside its revision and time, as bytes that a store does not
// look into.
package journal

import (
	"encoding/binary"
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// version is the first byte of every record.
const version = 1

// actions are the actions of events as they are written to disk.
var actions = map[protocol.Action]byte{
	protocol.Created:  'c',
	protocol.Modified: 'm',
	protocol.Merged:   'p',
	protocol.Deleted:  'd',
}

// Append appends the record of an event:
//
//	version  1 byte
//	action   1 byte: c, m, p (merged), d
//	path     its length as a varint, its text
//	value    the JSON, to the end; absent for deletions
//
// That an event holds a merge patch follows from its action.
func Append(dst []byte, action protocol.Action, at protocol.Path, value []byte) []byte {
	path := at.String()
	dst = slices.Grow(dst, 2+binary.MaxVarintLen32+len(path)+len(value))
	dst = append(dst, version, actions[action])
	dst = binary.AppendUvarint(dst, uint64(len(path)))
	dst = append(dst, path...)
	return append(dst, value...)
}
