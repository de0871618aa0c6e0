package document

import "bytes"

// Equal reports whether two documents mean the same. The order of members does not matter and numbers are compared by
// their exact decimal value, so that 1, 1.0 and 10e-1 are equal. Two absent documents are equal.
func Equal(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	kind := KindOf(a)
	if kind != KindOf(b) {
		return false
	}
	switch kind {
	case Object:
		return equalObjects(a, b)
	case Array:
		return equalArrays(a, b)
	case Number:
		return equalNumbers(a, b)
	case Invalid, Null, Bool, String:
	}
	return false
}

func equalObjects(a, b []byte) bool {
	var buf [smallObject]indexed
	inB := newIndex(b, buf[:])
	n := 0
	for m := range members(a) {
		other := inB.find(a[m.name:m.nameEnd])
		if other == nil || !Equal(a[m.value:m.end], inB.valueOf(other.member)) {
			return false
		}
		n++
	}
	return n == len(inB.members)
}

func equalArrays(a, b []byte) bool {
	i, j := 1, 1
	for {
		endA, endB := skipValue(a, i), skipValue(b, j)
		switch {
		case endA == i || endB == j: // at least one of them has no more elements
			return endA == i && endB == j
		case !Equal(a[i:endA], b[j:endB]):
			return false
		}
		i, j = min(endA+1, len(a)), min(endB+1, len(b))
	}
}
