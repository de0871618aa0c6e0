// Package index says under which keys a thing is found, and where to look for the things that a filter may hold for.
//
//	path 00 value id     for each value of a thing that filters can ask for
//	00 id                for each thing
//
// Keys are compared as bytes. Those of one path lie together, in the order of the values, and those of one value in the order
// of the ids. Values are in the order: null, false, true, numbers (as exact decimals), strings (by UTF-16 code units, as
// expressions compare them), and at last marks which say that there is an object or an array. An array has an entry for each
// value in it, at any depth, and objects in it have their members at the paths that expressions know.
//
// [Changes] tells which entries a change of a thing adds and removes; what has not changed is hardly looked at. [Plan] makes
// ranges of keys of an expression. Things that are found there must still be looked at: strings and numbers are cut where they
// are long, and what an expression does not say of values, it does not say here.
//
// [Rules] leave out what is not worth its entries. A plan that is made by the same rules says nothing of it.
//
// Invariants:
//   - A thing for which an expression holds, as searches understand it, is in the ranges of its plan, whatever part of the thing
//     the expression is evaluated on, and by whatever rules.
//   - Entries of different paths, or of values that differ within [MaxText] bytes, are different, and no entry is the beginning
//     of another one.
//   - The order of entries of one path is that of values, as far as they are told apart.
//   - A key has at most [MaxKey] bytes beside the id. What a thing comes to is bounded by its size.
//
// The package reads documents, and knows the names of their parts. It does no I/O.
package index

// Version stands for what entries are. It is another one whenever a thing would have other entries.
const Version = "1"
