package rql

// Bounds of a predicate.
const (
	// MaxTerms is how many comparisons, memberships and tests an expression may have. A time among the values of a
	// membership counts as one more.
	MaxTerms = 128
	// MaxPattern is how long all patterns of an expression may be together, in characters.
	MaxPattern = 1024
	// MaxWork is how much work one evaluation may take, unless its subject says otherwise. A unit of work is what it takes to skip 32 bytes of a document, or
	// to ask one term about one short value: some fifteen nanoseconds, and several times that where a document is dense.
	MaxWork = 200_000
)

// What is done with a unit of work.
const (
	bytesPerUnit   = 32 // of a document are skipped
	textPerUnit    = 16 // bytes of a value are compared
	escapedPerUnit = 2  // bytes of a value are compared, if it has escape sequences
	unitsPerTime   = 12 // find out what a time stands for
)

// matchingCost returns what it takes to match a text with a pattern.
func matchingCost(text, words int) int { return text * (3 + 2*words) / 20 }
