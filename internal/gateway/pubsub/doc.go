// Package pubsub brings what was published to every session that subscribed
// to it.
//
// A Hub knows the subscribers of one signal type, by namespace, so that
// finding the receivers of a signal costs their number and not the number of
// sessions. What is published together is encoded once, into one run of
// WebSocket frames, and the bytes are shared by all receivers.
//
// Invariants:
//
//   - A subscriber receives the signals of one entity in the order in which
//     they were published.
//   - A subscriber never receives a signal of which it is the origin.
//   - What was published after Subscribe returned is delivered; what was
//     published after Unsubscribe returned is not.
//   - Delivery never blocks: a subscriber that cannot take what it is given
//     decides itself what becomes of it.
//   - A burst is immutable once delivered.
//
// Lock order: the hub's lock is held while subscribers are called; a
// subscriber must not call the hub from Deliver.
package pubsub
