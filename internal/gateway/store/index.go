package store

// MaxIndexEntry is the longest entry of an index that a store takes, in bytes.
const MaxIndexEntry = 2 << 10

// IndexChange is how a change of a thing changes what it is found by: the
// entries that are taken from the index and those that come to it, both
// without the thing's id. The zero value changes nothing.
//
// An entry is opaque here, not empty and at most MaxIndexEntry bytes long.
// Whoever makes entries sees to it that none is the beginning of another one:
// it would be found with a wrong id. Removing comes before adding. What is
// removed must be there, and what is added must not, each once; that is not
// looked at. Who breaks it may find entries later that were removed, but never
// misses one that was added.
type IndexChange struct{ Remove, Add [][]byte }

// Bytes returns what the keys of a change take together: an entry with the id,
// for each.
func (c IndexChange) Bytes(key Key) (n int) {
	for _, entries := range [2][][]byte{c.Remove, c.Add} {
		for _, entry := range entries {
			n += len(entry) + len(key.ID)
		}
	}
	return n
}
