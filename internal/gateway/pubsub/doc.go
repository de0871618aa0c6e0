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
// Invariants:
//
//   - A subscriber receives nothing of a signal of which its circle has no view,
//     and of others what its own view shows.
//   - What subscribers want costs those nothing who want nothing in particular.
//   - A subscriber receives the signals of one entity in the order in which
//     they were published.
//   - A subscriber never receives a signal of which it is the origin.
//   - What was published after Subscribe returned is delivered; what was
//     published after Unsubscribe returned is not.
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
// Lock order: the hub's lock is held while bodies and subscribers are called;
// they must not call the hub from View, AppendSignal, Forget or Deliver.
package pubsub
