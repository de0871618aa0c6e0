// Package document works on JSON documents as raw bytes.
//
// A document is kept in canonical form: UTF-8 without insignificant white space, strings escaped only where JSON
// demands it, object members with unique names in the order in which they were first given, numbers verbatim. Text from
// outside becomes a document through [Canonical]; every other function takes canonical documents and returns canonical
// documents. Because the canonical text of a member name is unique, names are compared as bytes and never decoded to be
// found, and a change splices bytes of the old document into the new one instead of building a tree.
//
// Invariants:
//   - No function modifies its input. A result may alias its inputs, which therefore must not be modified afterwards.
//   - No input makes a function panic.
//   - Time and memory grow with the size of the input, and at worst with its size times its depth, which is bounded.
//   - Where canonical text is asked for, other text gives an unspecified result.
//
// The package knows nothing of things, envelopes or permissions, and does no I/O.
package document
