// Package query is what somebody searches for: read, checked and complete, however it was asked.
//
//	Stream(parameters) → Query                       over a session, page by page on demand
//	Page(parameters, seal) → Query → Cursor(position, seal)    one page at a time, each with a cursor for the next
//
// The options of a search are a text:
//
//	options  = option { "," option }                 each at most once; the text may be empty
//	option   = "sort(" order { "," order } ")"
//	         | "size(" 1..200 ")"
//	         | "cursor(" text ")"                    pages only
//	         | "limit(" 0.. "," 1..200 ")"           pages only, with neither size nor cursor
//	order    = ( "+" | "-" ) property                the sign may be percent-encoded
//
// A cursor says everything about a search and where a page of it ended, so that nothing of it is kept here. Who has one can
// neither read nor change it: what things are sorted by is not for everybody's eyes.
//
//	cursor   = base64url( tag text )                 without padding
//	text     = version size filter namespaces orders position, encrypted (AES-CTR with the tag as its first block)
//	tag      = the first 16 bytes of the HMAC-SHA256 of text as it was
//
// Invariants:
//   - The sort order of a query is total: it ends with the thing's id, which it has once.
//   - What is made of a text is bounded: the length of the options, the number of properties, namespaces and things.
//   - No input makes a function panic. What is wrong is an error of the protocol, for options with the place in the text.
//   - Equal queries that end at equal positions have equal cursors, as long as the secret is the same.
//
// The package does not know who searches, what may be seen, or how things are found. It does no I/O and has no clock.
package query
