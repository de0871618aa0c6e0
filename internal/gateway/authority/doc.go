// Package authority keeps policies ready for use: resolved, compiled, and up
// to date.
//
// A policy is compiled once for each revision of it and of everything it
// imports. What is compiled is kept, bounded by its size, and dropped when a
// change of any of these policies has become durable, which is before that
// change is acknowledged: a decision that begins after the acknowledgement
// follows the new policy.
//
// The memory that this takes is bounded by the sum of three:
//
//   - One half of what NewAuthority is given is for the policies themselves:
//     their ids, and which others each of them was made of.
//   - The other half is for what they are compiled to, with all that is
//     remembered of it. Policies that say the same share that, and when it has
//     to make room they go together.
//   - What takes more than an eighth of the second half is heavy and comes on
//     top, but only two of them. The limits of policies, imports and references
//     bound how large each can be. They make room for each other only: to push
//     out what many use for what is used once would cost more than it saves.
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
// Lock order: none. Nobody holds one of the locks here and takes another.
package authority
