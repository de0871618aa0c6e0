package rql

// leaf is a question about one property. It holds if one of the values that the property has gives a positive answer, so
// that the first such answer is the last word.
type leaf struct {
	// index tells the leaf from the others of the predicate.
	index int
	// least is what a value must be for a leaf that asks no more of it; nothing if it asks test.
	least substance
	// test is asked of scalars.
	test test
}

// test is a question about a scalar.
type test interface {
	// holds gives the answer, and what it cost in units of work.
	holds(v *scalar, times []constant) (ok bool, cost int)
}

func (l *leaf) holds(found, known *bits) truth {
	switch {
	case found.has(l.index):
		return yes
	case known.has(l.index):
		return no
	}
	return unknown
}

// substance is how much there is of a value.
type substance int8

const (
	nothing substance = iota
	null              // there is a value, but it is null
	empty             // an empty string, array or object
	something
)
