// Package dittows is the kind of Connections to other endpoints of the Ditto protocol: the reference, another Twinway, in the cloud or at
// the edge. A connection is one session of the WebSocket binding at the other end, of which it is a client.
//
//	Publish:  signal → mapping.Mirror → command or signal → socket          the answer to a command → Outcome
//	Ask:      Subscription → START-SEND-… → :ACK
//	socket  → answer to what was asked here      → its Outcome, or the gap that it closes
//	        → other answers                      → Consume, without a source: somebody behind this gateway waits for them
//	        → signal, by its topic               → gate → queue → Consume, as its Subscription
//
// Files: kind and handshake open a session, client is its lifetime; read, write, alive and renew are its goroutines; publish, awaited
// and receipt are about what goes out; ask, start and signal about what is asked for; memory, gate, gap, compare, find, replay and whole
// close what is missing after a connection was lost.
//
// What outcomes mean. A change of a twin that is to be delivered at least once is a command that the other end answers: its status is
// the Outcome's, and 408, 429 and 5xx may be tried again. Deleting what is not there has succeeded. Signals of the live channel
// have no answer of the protocol's own; they are delivered when the other end has read them, which it shows with a pong to a ping that was
// sent behind them. What is to be delivered at most once, and what answers something, is delivered when it was written. What Mirror has
// no form for is refused with 422, and is not tried again.
//
// Gaps. The kind remembers, over its clients, the last revision of the things that it was told of, and until when it was told of all. When a
// new client has subscribed for events again, it asks which of those things have another revision, and which others have changed
// since, and replays their histories: as ordinary events, in order, before any new event of the same thing. A thing whose history is no longer there,
// or may not be read as a whole, is retrieved and told of as one event that modifies all of it; one that is gone, as one that deletes it.
// Without history and search at the other end gaps remain; that is logged once.
//
//   - What this end has changed itself is no news, but is in the histories, too. It is left out of what is replayed (own): by the revision
//     that the answer to a command has, or if that was lost with the connection by what the command was.
//   - What came before a thing was deleted during a gap is not told: the other end no longer does. A thing that may no longer be read
//     counts as gone, as nothing tells one from the other.
//   - What was known is forgotten with the process, and when the URI or the user changes: then there is no gap.
//   - Events of the past have no extra fields. A filter that looks at those misses them.
//   - Where search is behind, as that of the reference is by a second, a thing that was never heard of and was changed in that time is found
//     with its next event only.
//
// An event that is not done here, and is to come again, is replayed likewise, with what came behind it: after a second, then twice as long
// each time, up to ten.
//
// Invariants:
//
//   - Those of package link.
//   - Events of one thing are consumed in the order of their revisions, whether they are replayed or new. Of a gap that is closed nothing is
//     missing.
//   - The gap is open until all of it was replayed: if the connection is lost before, the next client begins where it stands.
//   - The socket is not read while there is no room for signals. Answers to what was asked here do not need room, and are taken as long as it is
//     read. What answers the other end waits for no outcome, so that both ends can be full of questions without waiting for each other.
//   - A peer is silent only while the socket is being read. While it is not, pings tell the other end that this one is still there.
//   - Everything is bounded: messages without an outcome, signals that wait, events held back, things remembered.
//
// Lock order: gate before memory; queues, budgets and books are leaves. The gate's lock is held while there is no room for an event, by whom
// nothing waits for that makes the room.
package dittows
