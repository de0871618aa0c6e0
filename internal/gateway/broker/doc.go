// Package broker keeps the books on who owes whom an answer.
//
// A signal that somebody waits for has a [Wait]: it gathers the response and the acknowledgements, ends when all are there or
// its time is over, and tells its owner once what became of it. Whoever takes part has a [Party], with the waits that it has
// opened and what it was given and can answer to.
//
//	Open(party, terms) → Wait ← Asked, Give, Given     the signal is published
//	                          ← Acknowledge(member)    by what the member was given
//	                          ← Find(party) → Respond, Mismatch
//	                          ← Put, Fail              by its owner
//	                          → Done
//
// A wait is in these books: that of its party; that of live ids, by which anybody finds the wait for a response; for each
// member that was given its signal and can answer to it that member's, by the correlation id that it was given; and the wheel of
// deadlines.
//
// Invariants:
//   - A wait ends once, in one way. Its owner is told once, after it has left all books; never if its party has ended.
//   - Who was given a signal can answer to it as soon as it can know of it: it is in the books before it is delivered.
//   - What is in a book has not ended, or is about to leave the book. A party that has ended is in no book, and has empty ones.
//   - A correlation id is that of one live signal at a time, and of one thing that a member can answer to at a time.
//   - An acknowledgement counts only if it comes from a party that was asked for it, for the label, thing and channel. A
//     response counts whoever sends it, as the protocol wants it; whether it fits is the owner's to judge.
//   - Everything is bounded: waits, what their owners keep and what was acknowledged, of one party, of all parties of who has
//     several, and together, and what a party can answer to. What is pending has no goroutine and takes no time.
//   - One id that is used again and again costs the same each time.
//
// Nobody is called under a lock. The order of locks is that of a wait, then one of: that of a party, that of a stripe of the
// live ids, that of the wheel. No two of the latter are held at a time, nor those of two waits, and that of the list of parties
// is held alone. A wait is entered into the books under its own lock, so that it cannot end halfway in; it leaves them when it
// is marked as done, by who marked it, for nobody enters anything for it from then on.
//
// It does not know what signals look like, who may see them, how they are delivered and what an owner does with an answer.
package broker
