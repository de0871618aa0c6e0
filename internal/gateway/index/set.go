package index

import (
	"bytes"
	"slices"
)

// set gathers entries. The zero set is empty.
type set struct {
	path    []byte // of what is being looked at
	room    []byte // what the entries are parts of
	entries [][]byte
}

// maxEntry is what an entry takes at most, in bytes: a path, what ends it, and a value.
const maxEntry = 2 << 10

// MaxKey is how many bytes a key has at most beside the id.
const MaxKey = maxEntry

// add adds the entry of a value at the path.
func (s *set) add(raw []byte) { s.addWith(func(dst []byte) []byte { return appendValue(dst, raw) }) }

func (s *set) addWith(value func(dst []byte) []byte) {
	begin := len(s.room)
	s.room = value(appendPath(s.room, s.path))
	s.entries = append(s.entries, s.room[begin:len(s.room):len(s.room)])
}

// sorted returns the entries in order, each once.
func (s *set) sorted() [][]byte {
	slices.SortFunc(s.entries, bytes.Compare)
	s.entries = slices.CompactFunc(s.entries, bytes.Equal)
	return s.entries
}

// difference returns what is only in a, and what is only in b, of entries in order.
func difference(a, b [][]byte) (onlyA, onlyB [][]byte) {
	for len(a) > 0 && len(b) > 0 {
		switch bytes.Compare(a[0], b[0]) {
		case -1:
			onlyA, a = append(onlyA, a[0]), a[1:]
		case 1:
			onlyB, b = append(onlyB, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return append(onlyA, a...), append(onlyB, b...)
}
