package document

// smallObject is how many members are searched one after the other rather than by a map.
const smallObject = 16

// index finds the members of an object by name.
type index struct {
	obj     []byte
	members []indexed
	places  map[string]int // by name with its quotes; nil for small objects
	next    int            // where the next name is looked for first
}

type indexed struct {
	member
	found bool // by find
}

// newIndex lists the members of obj, in buf as long as they fit.
func newIndex(obj []byte, buf []indexed) index {
	x := index{obj: obj, members: buf[:0]}
	for m := range members(obj) {
		x.members = append(x.members, indexed{member: m})
	}
	if len(x.members) > smallObject {
		text := string(obj)
		x.places = make(map[string]int, len(x.members))
		for i, m := range x.members {
			x.places[text[m.name:m.nameEnd]] = i
		}
	}
	return x
}

// find returns the member called name, which comes with its quotes, or nil, and remembers that it was found. Names in the
// order of the members are found at once.
func (x *index) find(name []byte) *indexed {
	i := x.next
	if i >= len(x.members) || !x.named(i, name) {
		i = x.search(name)
	}
	if i < 0 {
		return nil
	}
	x.next = i + 1
	x.members[i].found = true
	return &x.members[i]
}

func (x *index) search(name []byte) int {
	if x.places != nil {
		if i, ok := x.places[string(name)]; ok {
			return i
		}
		return -1
	}
	for i := range x.members {
		if x.named(i, name) {
			return i
		}
	}
	return -1
}

func (x *index) named(i int, name []byte) bool {
	m := &x.members[i]
	return string(x.obj[m.name:m.nameEnd]) == string(name)
}

// value returns the value of the member called name, and reports whether there is one.
func (x *index) value(name []byte) ([]byte, bool) {
	m := x.find(name)
	if m == nil {
		return nil, false
	}
	return x.valueOf(m.member), true
}

// nameOf returns the member's name with its quotes.
func (x *index) nameOf(m member) []byte { return x.obj[m.name:m.nameEnd] }

// valueOf returns the member's value.
func (x *index) valueOf(m member) []byte { return x.obj[m.value:m.end] }
