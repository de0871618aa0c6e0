package document

import "slices"

// MirrorSelector says which parts of a mirror are wanted. The zero value selects nothing.
type MirrorSelector struct {
	pointers []Pointer
	others   Selector // all but labels of every part
	labels   []string // names with their quotes
}

// Mirror returns the selector for mirrors. In one of these the pointer */label selects the label of every part, however
// deep: of the document itself only if that has no parts. In other pointers * stands for every member, as it does in a
// Selector.
func (s Selector) Mirror() MirrorSelector {
	m := MirrorSelector{pointers: s.pointers}
	for _, p := range s.pointers {
		if len(p) == 2 && p[0] == wildcard && p[1] != wildcard {
			m.labels = append(m.labels, string(AppendString(nil, p[1])))
			continue
		}
		m.others.add(p)
	}
	return m
}

// Pointers returns the pointers in the order of the selector's text.
func (s *MirrorSelector) Pointers() []Pointer { return s.pointers }

// Pick returns an object with the selected parts of mirror, which mirrors doc.
func (s *MirrorSelector) Pick(mirror, doc []byte) []byte { return s.split(mirror, doc, true) }

// Drop returns an object with what is not selected of mirror, which mirrors doc. Objects of which nothing is left go, too.
func (s *MirrorSelector) Drop(mirror, doc []byte) []byte { return s.split(mirror, doc, false) }

func (s *MirrorSelector) split(mirror, doc []byte, keep bool) []byte {
	switch {
	case KindOf(mirror) != Object || s.others.root.whole && !keep:
		return []byte(`{}`)
	case s.others.root.whole:
		return mirror
	}
	x := splitter{out: make([]byte, 0, min(len(mirror), 512)), labels: s.labels, keep: keep}
	hasParts := KindOf(doc) == Object && len(doc) > len(`{}`)
	x.object(mirror, doc, []*node{&s.others.root}, !hasParts)
	return x.out
}

// splitter writes what is selected of a mirror, or what is not.
type splitter struct {
	out    []byte
	labels []string
	keep   bool // what is selected, not the rest
}

// object writes what is left of an object that mirrors doc. Labelled says that its labels may be selected by name.
func (x *splitter) object(mirror, doc []byte, nodes []*node, labelled bool) {
	var buf [smallObject]indexed
	var parts index
	if len(x.labels) > 0 {
		parts = newIndex(doc, buf[:])
	}
	x.out = append(x.out, '{')
	for m := range members(mirror) {
		var nextBuf [8]*node
		name, value := mirror[m.name:m.nameEnd], mirror[m.value:m.end]
		next := descend(nextBuf[:0], nodes, name)
		part, isPart := parts.value(name)
		selected := slices.ContainsFunc(next, func(n *node) bool { return n.whole }) ||
			labelled && !isPart && slices.Contains(x.labels, string(name))
		switch {
		case !selected && KindOf(value) == Object && (len(next) > 0 || isPart):
			x.nested(mirror[m.name:m.value], value, part, next, isPart)
		case selected == x.keep:
			x.out = append(appendComma(x.out), mirror[m.name:m.end]...)
		}
	}
	x.out = append(x.out, '}')
}

// nested is object for a member, given its name and colon.
func (x *splitter) nested(name, mirror, doc []byte, nodes []*node, labelled bool) {
	without := len(x.out)
	x.out = append(appendComma(x.out), name...)
	start := len(x.out)
	x.object(mirror, doc, nodes, labelled)
	if len(x.out) == start+len(`{}`) && (x.keep || len(mirror) > len(`{}`)) {
		x.out = x.out[:without]
	}
}
