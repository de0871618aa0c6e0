package document

import "unicode/utf8"

// Get returns the value that p addresses in doc, as a part of doc. It reports false if there is none.
func Get(doc []byte, p Pointer) (raw []byte, ok bool) {
	at, rest := find(doc, p)
	if len(rest) > 0 || len(doc) == 0 {
		return nil, false
	}
	return doc[at.value:at.end], true
}

// find follows p from the root of doc as far as there are members. It returns the place of the last value on the way,
// which has no name if it is the root, and what is left of p.
func find(doc []byte, p Pointer) (at member, rest Pointer) {
	for len(p) > 0 && at.value < len(doc) && doc[at.value] == '{' {
		m, end, ok := findMember(doc, at.value, p[0])
		if !ok {
			at.end = end
			return at, p
		}
		at, p = m, p[1:]
	}
	at.end = skipValue(doc, at.value)
	return at, p
}

// findMember returns the place of the member called name in the object that begins at doc[i], but for the end of its
// value. If there is none it returns the index after the object.
func findMember(doc []byte, i int, name string) (m member, end int, ok bool) {
	var scratch [128]byte
	var quoted []byte
	if !IsPlain(name) {
		quoted = AppendString(scratch[:0], name)
	}
	for {
		i++
		if m, ok = nameAt(doc, i); !ok {
			break
		}
		if quoted == nil && string(doc[m.name+1:m.nameEnd-1]) == name ||
			quoted != nil && string(doc[m.name:m.nameEnd]) == string(quoted) {
			return m, 0, true
		}
		if i = skipValue(doc, m.value); i >= len(doc) || doc[i] != ',' {
			break
		}
	}
	return member{}, min(i+1, len(doc)), false
}

// IsPlain reports whether a text stands for itself between the quotes of a canonical JSON string.
func IsPlain(text string) bool {
	ascii := true
	for i := range len(text) {
		switch {
		case text[i] >= utf8.RuneSelf:
			ascii = false
		case !isPlain(text[i]):
			return false
		}
	}
	return ascii || utf8.ValidString(text)
}
