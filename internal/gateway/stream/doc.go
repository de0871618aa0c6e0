// Package stream is the server's side of subscriptions for streams: of
// persisted events, and of what a search finds. A client subscribes, requests
// so many elements, and is sent them one by one, then that there are no more.
//
//	Subscribe → created        Request → next … complete | failed        Cancel
//
// It is responsible for the ids, the demand, the order of what is sent, and
// the ends. Where the elements come from is a function; how they reach the
// client is another. It must not know what the elements are, who may have them
// or what a session is.
//
// Invariants:
//
//   - Nothing but created is sent before the first request. Nothing is sent
//     behind complete or failed, of which a subscription that was not cancelled
//     gets one, unless its session ends.
//   - Never more elements are sent than were requested, and none is fetched
//     before the one before it has found room, but for one element more: so it
//     is known when there are no more.
//   - A Set has one goroutine at most, and only while one of its subscriptions
//     has something to do. They take turns, element by element.
//   - What a source holds is released once, as soon as its subscription has
//     ended and the source has returned, whatever it ends with.
//   - What is kept is bounded: the open subscriptions, and the ids of those that
//     ended last.
//   - A subscription of which nothing was heard, and which has nothing to send,
//     ends after a while. There are no timers: somebody calls Sweep.
//
// Lock order: the lock of a Set is a leaf.
package stream
