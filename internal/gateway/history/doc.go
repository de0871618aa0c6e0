// Package history reads the past of an entity: its state at a revision or at a
// time, and what was told of its changes.
//
// It is responsible for getting there in a bounded number of steps. Invariants:
//
//   - A state of the past is the one that there was, byte for byte, or
//     ErrNotKept. Gaps in what is kept, which retention makes at any time, also
//     while reading, lead to ErrNotKept and never to another state.
//   - A state costs one read of at most journal.Stride events, whatever its
//     revision; a time costs a binary search over the revisions more, and the
//     moment at which an entity was created a look at the events of that moment.
//
// Like the store it shows what is applied and perhaps not durable yet: who may
// not tell of that does not ask for revisions that are not. It must not know
// who may read what.
package history
