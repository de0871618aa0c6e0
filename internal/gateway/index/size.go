package index

import "github.com/twinway/twinway/internal/gateway/document"

// What the keys of a thing may come to.
const (
	// MaxSize is what the keys of a thing may take together, in bytes. A change may remove as much and add as much.
	MaxSize = 32 << 20
	// keyOverhead is what a key takes beside its bytes.
	keyOverhead = 16
	// longest is what a key of a short value can take beside the id: "features", the longest id of a feature, and a hash.
	longest = 9 + 3*256 + hashSize + 16
)

// Fits reports whether the keys of a thing with an id, by the rules, take no more than MaxSize together. Elements of an array
// count as often as they are there, since they must be looked at. A thing of usual size is not looked at: an element of an array,
// which leads to a key, is two bytes at least.
func (r Rules) Fits(t Thing, id string) bool {
	if (len(t.Doc)+len(t.Meta))/2*(longest+len(id)+keyOverhead) <= MaxSize {
		return true
	}
	return r.Size(t, id) <= MaxSize
}

// Size returns what the keys of a thing take, as Fits counts them, but not much more than MaxSize.
func (r Rules) Size(t Thing, id string) int {
	s := sizes{perKey: len(id) + keyOverhead, value: make([]byte, 0, MaxText)}
	for c := begin(t.Doc); !c.done; c.next() {
		switch string(c.name) {
		case `"policyId"`, `"definition"`, `"attributes"`, `"features"`:
			s.member(r.root, c.name, c.value)
		}
	}
	if t.Meta != nil {
		s.member(r.root, []byte(`"_metadata"`), t.Meta)
	}
	return s.sum
}

func begin(doc []byte) (c cursor) {
	c.begin(doc)
	return c
}

// sizes adds up what keys take.
type sizes struct {
	path, value []byte // of what is being looked at
	perKey, sum int
}

// member adds what is in an object under a name.
func (s *sizes) member(r *rule, name, raw []byte) {
	next, some := r.ofQuoted(name)
	if !some {
		return
	}
	length := len(s.path)
	s.path = appendQuoted(s.path, name)
	s.all(next, pathSize(s.path), raw)
	s.path = s.path[:length]
}

// all adds a value, and all that is in it, at a path that takes so much.
func (s *sizes) all(r *rule, path int, raw []byte) {
	if s.sum > MaxSize {
		return
	}
	kind := document.KindOf(raw)
	if r == nil || kind == document.Array {
		s.value = appendValue(s.value[:0], raw)
		s.sum += path + len(s.value) + s.perKey
	}
	switch kind {
	case document.Object:
		for c := begin(raw); !c.done && s.sum <= MaxSize; c.next() {
			s.member(r, c.name, c.value)
		}
	case document.Array:
		for element := range document.Elements(raw) {
			s.all(r, path, element)
		}
	case document.Invalid, document.Null, document.Bool, document.Number, document.String:
	}
}

// pathSize returns what entries of a path begin with takes.
func pathSize(path []byte) int {
	if len(path) <= maxPath {
		return len(path) + 1
	}
	return max(maxPath/2, featureEnd(path)) + hashSize
}

// hashSize is what the end of a path takes that is cut.
const hashSize = 2 + 64 + 1
