// Package authority keeps policies ready for use: resolved, compiled, and up
// to date.
//
// A policy is compiled once for each revision of it and of everything it
// imports. What is compiled is kept, bounded by its size, and dropped when a
// change of any of these policies has become durable, which is before that
// change is acknowledged: a decision that begins after the acknowledgement
// follows the new policy.
//
// Invariants:
//
//   - What is kept was read after the last change of all policies it was made of.
//   - A policy that is not there allows nothing. Neither does one that cannot
//     be read, which is an error and not an absence.
//
// A decision may follow a change that is applied and not durable yet. Since
// the store makes batches durable in order, what was decided under it never
// outlives it.
//
// Lock order: the lock of the index of importers before that of a stripe.
package authority
