package document

import "iter"

// Members yields the names, decoded, and the values of an object's members in document order. The values are parts of
// obj. Anything but an object has no members.
func Members(obj []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for m := range members(obj) {
			if !yield(unquote(obj[m.name:m.nameEnd]), obj[m.value:m.end]) {
				return
			}
		}
	}
}

// Elements yields the values of an array, as parts of arr. Anything but an array has none.
func Elements(arr []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if KindOf(arr) != Array {
			return
		}
		for i := 1; i < len(arr) && arr[i] != ']'; i++ {
			start := i
			i = skipValue(arr, i)
			if i == start || !yield(arr[start:i]) || i >= len(arr) || arr[i] != ',' {
				return
			}
		}
	}
}

// member is the place of a member in the text of a document: of the name, with its quotes, and of the value.
type member struct {
	name, nameEnd, value, end int
}

// members yields the places of an object's members.
func members(obj []byte) iter.Seq[member] {
	return func(yield func(member) bool) {
		if KindOf(obj) != Object {
			return
		}
		for i := 1; ; i++ {
			m, ok := memberAt(obj, i)
			if !ok || !yield(m) {
				return
			}
			if i = m.end; i >= len(obj) || obj[i] != ',' {
				return
			}
		}
	}
}

// memberAt returns the place of the member whose name begins at b[i]. It reports false if none does.
func memberAt(b []byte, i int) (member, bool) {
	m, ok := nameAt(b, i)
	if !ok {
		return m, false
	}
	m.end = skipValue(b, m.value)
	return m, m.end > m.value
}

// nameAt is memberAt, but does not look for the end of the value.
func nameAt(b []byte, i int) (member, bool) {
	if i >= len(b) || b[i] != '"' {
		return member{}, false
	}
	end := skipText(b, i)
	if end+1 >= len(b) || b[end] != ':' {
		return member{}, false
	}
	return member{name: i, nameEnd: end, value: end + 1}, true
}
