package index

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Rules say which paths of things have entries. By the zero Rules all have. They do not change and may be shared.
//
// What is at or below a path of the rules has entries. What is above one has none, but for the marks of arrays, by which an
// order knows whether a thing can have several values.
type Rules struct {
	root *rule
	text string
}

// rule says what has entries below a place that is on the way to one. Nil: the place has, and all that is below it.
type rule struct {
	below map[string]*rule
	// wild says that there is a rule for features that have none of their own.
	wild bool
}

// NewRules returns the rules by which what is at or below one of some paths has entries. Paths are written as properties are in
// expressions, features/* included. Without paths only the things themselves have an entry.
func NewRules(paths []string) Rules {
	all := make([][]string, len(paths))
	for i, p := range paths {
		all[i] = namesOf(p)
	}
	slices.SortFunc(all, slices.Compare)
	r := Rules{root: new(rule)}
	for _, names := range all {
		if r.covers(names) {
			continue
		}
		r.root.add(names)
		r.text += string(append(pathOf(names), end))
	}
	if features := r.root.below["features"]; features != nil {
		features.share()
	}
	return r
}

// Version stands for the entries that things have by the rules. It is another one whenever a thing would have other entries.
func (r Rules) Version() string {
	if r.root == nil {
		return Version
	}
	return Version + " " + r.text
}

// covers reports whether things have entries of all that they have at names, and below.
func (r Rules) covers(names []string) bool {
	at := r.root
	for _, name := range names {
		next, some := at.of([]byte(name))
		if !some {
			return false
		}
		at = next
	}
	return at == nil
}

// add adds what is at names, which are not above any that were added.
func (r *rule) add(names []string) {
	if r.below == nil {
		r.below = map[string]*rule{}
	}
	if len(names) == 1 {
		r.below[names[0]] = nil
		return
	}
	next := r.below[names[0]]
	if next == nil {
		next = new(rule)
		r.below[names[0]] = next
	}
	next.add(names[1:])
}

// share makes the rule for any feature hold for those that have one of their own, too.
func (r *rule) share() {
	shared, ok := r.below[anyFeature]
	if r.wild = ok; !ok {
		return
	}
	for name, own := range r.below {
		if name != anyFeature {
			r.below[name] = merged(own, shared)
		}
	}
}

// merged returns the rule by which all has entries that has by one of two. It may be made of the first one, and share parts of
// the other.
func merged(r, other *rule) *rule {
	if r == nil || other == nil {
		return nil
	}
	for name, theirs := range other.below {
		if own, ok := r.below[name]; ok {
			theirs = merged(own, theirs)
		}
		r.below[name] = theirs
	}
	return r
}

// of returns the rule for what has a name; some is false if nothing there has entries.
func (r *rule) of(name []byte) (next *rule, some bool) {
	if r == nil {
		return nil, true
	}
	if next, some = r.below[string(name)]; !some && r.wild {
		return r.below[anyFeature], true
	}
	return next, some
}

// ofQuoted is of for a name as it stands in documents.
func (r *rule) ofQuoted(quoted []byte) (next *rule, some bool) {
	if r == nil {
		return nil, true
	}
	inside := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		return r.of(inside)
	}
	name, _ := document.Unquote(quoted) // names of documents can be
	return r.of([]byte(name))
}
