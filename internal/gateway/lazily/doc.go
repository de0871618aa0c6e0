// Package lazily makes contexts that cost nothing but themselves unless somebody waits for their end: no timer, no channel, and no
// entry in the context that they come from.
//
// Most of what is done in a limited time is done at once, and asks at most whether the time is over. That is answered by the clock.
//
// Invariants:
//
//   - A context is what the function of the same name in package context makes, whoever looks at it and whenever; and once somebody
//     has seen it ended, with whatever error, it has ended with that. Only if its time and its parent have ended before anybody
//     looks, it may have ended with the parent, though its time was over first.
//   - What was made for somebody who waits goes when the context ends.
//
// Lock order: the lock of a context is held while one is derived from its parent, and so comes before the parent's.
package lazily
