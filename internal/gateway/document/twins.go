package document

import (
	"hash/maphash"
	"slices"
)

// nameSeed makes the hashes of member names unpredictable, so that nobody can send an object that takes long to check.
// No result depends on it.
var nameSeed = maphash.MakeSeed()

// hasTwins reports whether two members of an object may have the same name, judged by the hashes of their names, which it
// may reorder. It always finds twins, and with negligible probability reports some that are none.
func hasTwins(names []uint64) bool {
	if len(names) > 16 {
		slices.Sort(names)
		for i := 1; i < len(names); i++ {
			if names[i-1] == names[i] {
				return true
			}
		}
		return false
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return true
		}
	}
	return false
}

// dropTwins rewrites the object that dst has from start to its end, which is canonical but for members with the same name:
// the first of them gets the value of the last, all others go.
func dropTwins(dst []byte, start int) []byte {
	obj := slices.Clone(dst[start:])
	last := make(map[string]member)
	for m := range members(obj) {
		last[string(obj[m.name:m.nameEnd])] = m
	}
	dst = append(dst[:start], '{')
	for first := range members(obj) {
		m, ok := last[string(obj[first.name:first.nameEnd])]
		if !ok {
			continue // its twin was here before
		}
		delete(last, string(obj[first.name:first.nameEnd]))
		dst = appendComma(dst)
		dst = append(dst, obj[m.name:m.end]...)
	}
	return append(dst, '}')
}

// appendComma appends the comma that a member needs unless it is the first of its object.
func appendComma(dst []byte) []byte {
	if dst[len(dst)-1] == '{' {
		return dst
	}
	return append(dst, ',')
}
