package document

// SetAll returns a copy of doc, which may be nil, with value at every place where places, which has the form of the wanted
// places, has something else than an object. What is missing on the way is created as by [Set]. If that takes more than limit
// bytes it reports false, and returns what it has got so far.
func SetAll(doc, places, value []byte, limit int) ([]byte, bool) {
	s := setter{out: make([]byte, 0, len(doc)+len(places)+len(value)), value: value, limit: limit}
	ok := s.set(doc, places)
	return s.out, ok
}

type setter struct {
	out, value []byte
	limit      int
}

// set writes what doc becomes, and reports whether that was not too much.
func (s *setter) set(doc, places []byte) bool {
	if KindOf(places) != Object {
		s.out = append(s.out, s.value...)
		return len(s.out) <= s.limit
	}
	var buf [smallObject]indexed
	wanted := newIndex(places, buf[:])
	s.out = append(s.out, '{')
	for m := range members(doc) {
		place := wanted.find(doc[m.name:m.nameEnd])
		if place == nil {
			s.out = append(appendComma(s.out), doc[m.name:m.end]...)
			continue
		}
		s.out = append(appendComma(s.out), doc[m.name:m.value]...)
		if !s.set(doc[m.value:m.end], wanted.valueOf(place.member)) {
			return false
		}
	}
	for _, place := range wanted.members {
		if place.found {
			continue
		}
		s.out = append(appendComma(s.out), places[place.name:place.value]...)
		if !s.set(nil, wanted.valueOf(place.member)) {
			return false
		}
	}
	s.out = append(s.out, '}')
	return len(s.out) <= s.limit
}
