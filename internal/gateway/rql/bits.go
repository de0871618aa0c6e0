package rql

// maxLeaves is how many leaves the terms of an expression may become. The emptiness of a feature becomes three.
const maxLeaves = 3 * MaxTerms

// bits is a set of leaves.
type bits [maxLeaves / 64]uint64

func (b *bits) add(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b *bits) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

// addAll adds the leaves from begin up to end.
func (b *bits) addAll(begin, end int) {
	for i := begin; i < end; i++ {
		b.add(i)
	}
}

// hasAll tells whether the leaves from begin up to end are in the set.
func (b *bits) hasAll(begin, end int) bool {
	for begin < end {
		next := min(end, begin|63+1)
		mask := ^uint64(0) << (begin & 63) & (^uint64(0) >> (-next & 63))
		if b[begin>>6]&mask != mask {
			return false
		}
		begin = next
	}
	return true
}
