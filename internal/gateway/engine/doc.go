// Package engine runs commands: one entity at a time, many entities at once,
// and nothing acknowledged before it is durable.
//
// Every entity belongs to one shard, chosen by a hash of its key. A shard has
// a bounded queue, one goroutine that decides and one that waits for the disk:
//
//	Submit → queue → decide (state of the entity in, effect out)
//	                   └─ the effects of everything that waited: one store batch
//	         → the store's fsync → signals published → commands completed
//
// The deciding goroutine does not wait for the disk. While one batch is being
// synced the next is decided on top of it, up to a fixed number of batches;
// what a later command sees of an earlier one is only ever told to a client
// after the earlier one is durable.
//
// Invariants:
//
//   - Commands on one entity are decided in the order in which they were
//     submitted, and completed in that order.
//   - Complete(nil) follows the fsync that covers the command's own effect and
//     everything it has seen. A signal is published after that fsync and in
//     revision order of its entity, one that tells of no change in its place
//     among the others.
//   - Entities of different kinds with the same id are siblings: they share a
//     shard, and one command may change both, in one batch.
//   - Every task is completed exactly once: with nil, with the error that
//     prevented it, or with ErrTimeout at its deadline. A task whose deadline
//     passes before its decision is not decided at all; one that passes it
//     later may still take effect, and its signal is published then.
//   - A failed write ends the engine: what was decided on top of it may never
//     have happened, so everything is refused from then on and Err says why.
//
// The engine does not know what a thing or a policy is, who may do what, or
// that there are sessions; commands bring that along.
//
// Lock order: a shard's queue lock is a leaf; nothing is called under it. That of
// its onlookers may be held while signals are published and commands completed,
// which therefore must not wait for the engine.
package engine
