package index

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
)

// set gathers entries. The zero set is empty.
type set struct {
	room    []byte // what the entries are parts of
	entries [][]byte
	few     [usualEntries][]byte // where entries are as long as there are no more
}

// MaxKey is how many bytes a key has at most beside the id.
const MaxKey = 2 << 10

// What a small change has: entries, and bytes that they take.
const (
	usualEntries = 4
	usualRoom    = 256
)

// add adds the entry of a value at a path.
func (s *set) add(path, raw []byte) {
	begin := s.begin(path)
	s.room = appendValue(s.room, raw)
	s.end(begin)
}

// thing adds the entry of a thing itself.
func (s *set) thing() { s.end(s.begin(nil)) }

func (s *set) begin(path []byte) int {
	if s.room == nil {
		s.room = make([]byte, 0, usualRoom)
		s.entries = s.few[:0]
	}
	begin := len(s.room)
	s.room = appendPath(s.room, path)
	return begin
}

func (s *set) end(begin int) {
	s.entries = append(s.entries, s.room[begin:len(s.room):len(s.room)])
}

// all adds the entries of a value at a path, nil for none, and of all that is in it, as a rule wants them. It returns the path,
// with more room perhaps.
func (s *set) all(r *rule, path, raw []byte) []byte {
	if raw == nil {
		return path
	}
	kind := document.KindOf(raw)
	if r == nil || kind == document.Array {
		s.add(path, raw)
	}
	switch length := len(path); kind {
	case document.Object:
		var c cursor
		for c.begin(raw); !c.done; c.next() {
			if next, some := r.ofQuoted(c.name); some {
				path = s.all(next, appendQuoted(path[:length], c.name), c.value)[:length]
			}
		}
	case document.Array:
		for element := range document.Elements(raw) {
			path = s.all(r, path, element)
		}
	case document.Invalid, document.Null, document.Bool, document.Number, document.String:
	}
	return path
}

// sorted returns the entries in order, each once.
func (s *set) sorted() [][]byte {
	slices.SortFunc(s.entries, bytes.Compare)
	s.entries = slices.CompactFunc(s.entries, bytes.Equal)
	return s.entries
}

// difference returns what is only in a, and what is only in b, of entries in order. It takes them apart.
func difference(a, b [][]byte) (onlyA, onlyB [][]byte) {
	onlyA, onlyB = a[:0], b[:0]
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
