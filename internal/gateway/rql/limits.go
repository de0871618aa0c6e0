package rql

// Bounds of a predicate.
const (
	// MaxTerms is how many comparisons, memberships and tests an expression may have. A time among the values of a
	// membership counts as one more.
	MaxTerms = 128
	// MaxPattern is how long all patterns of an expression may be together, in characters.
	MaxPattern = 1024
	// MaxWork is how much work one evaluation may take. A unit of work is what it takes to skip 64 bytes of a document, or
	// to ask one term about one short value: some fifteen nanoseconds.
	MaxWork = 200_000
)

// What is done with a unit of work.
const (
	bytesPerUnit   = 64 // of a document are skipped
	textPerUnit    = 16 // bytes of a value are compared
	escapedPerUnit = 2  // bytes of a value are compared, if it has escape sequences
)

// matchingCost returns what it takes to match a text with a pattern.
func matchingCost(text, words int) int { return text * (3 + 2*words) / 20 }
