// Package pubsub brings what was published to every session that subscribed
// to it and may see it, as each may see it.
//
// A Hub knows the subscribers of one signal type, by namespace, so that
// finding the receivers of a signal costs their number and not the number of
// sessions. Subscribers with equal audiences who want the same form a circle,
// and how a signal looks is asked once for each circle. Wants that ask the same
// are one want, whoever has them, by which a body can find what it has already
// found out for another circle. Signals that are published together
// make a batch, and the batch has an edition for each way in which it looks
// to a circle: one run of WebSocket frames, shared by all who receive it. What
// looks the same in several editions is encoded once and copied. Mostly a
// batch looks the same to everybody, and has one edition.
//
// A signal that somebody waits for has an Account, which says what each audience
// is asked to answer and keeps book on who was given the signal. Who sees and is
// asked the same shares frames; who must answer in words of its own, such as
// another correlation id, has a frame of its own. Such a signal keeps its place
// among the others.
//
// Invariants:
//
//   - A subscriber receives nothing of a signal of which its circle has no view,
//     and of others what its own view shows.
//   - What subscribers want costs those nothing who want nothing in particular.
//   - A subscriber receives the signals of one entity in the order in which
//     they were published.
//   - A subscriber never receives a signal of which it is the origin, or one akin
//     to it.
//   - What was published after Subscribe returned is delivered; what was
//     published after Unsubscribe returned is not.
//   - The account of a signal knows that a subscriber is given it before the
//     subscriber has it: an answer cannot come too early. It is told of all who
//     are given the signal, and of nobody else: not of its origin, of whom a
//     filter keeps it from, or of who is told something in its place.
//   - Its book is closed once for each time that the signal is published, behind
//     all deliveries, whether or not there were any.
//   - Signals without an account cost what they would if there were none with one.
//   - Delivery never blocks: a subscriber that cannot take what it is given
//     decides itself what becomes of it.
//   - A burst is immutable once delivered.
//   - A subscription that is replaced neither misses a signal nor receives one
//     twice: each is looked at with what was wanted before, or what is now.
//   - Between two calls of Publish a hub holds its index, and nothing of what
//     was published. During one it holds the editions of one namespace, up to
//     a bound beyond which it encodes again rather than remember; and lets
//     bodies remember what few signals at a time come to.
//
// Lock order: the hub's lock is held, and may be by several at once, while bodies,
// accounts and subscribers are called; they must not call the hub from View,
// AppendSignal, Forget, Asked, Give or Deliver. What locks they take comes behind
// the hub's. Given is called without it, but must not call the hub either, as what
// follows on the same goroutine has yet to be published.
package pubsub
