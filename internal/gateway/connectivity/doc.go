// Package connectivity keeps Connections, and moves what flows through them as Sources and Subscriptions say.
//
//	Service      the Connections of the snapshot in force
//	connection   one of them: dials, watches, dials again; owns what follows
//	  inlet      what comes in: mapped to commands, handled like those of any client, settled by what became of them
//	  outlet     one outbound Subscription: subscribes to its hub, queues, maps, publishes, acknowledges
//	  journal    what has happened lately, for people
//
// A connection is one party to the rest of the gateway, whatever its sources and Subscriptions are: what came in through it does not
// go out through it again, and what was given to one of its Subscriptions may be answered through any of its sources.
//
// Invariants:
//
//   - What came in at least once is accepted at the other end when what it asks for is done, and durable, and not before. Without
//     room it is not consumed: the other end waits.
//   - What goes out at least once is tried until it is delivered, or cannot be, in order for each thing. What finds no room is
//     dropped, counted, and refused to who waits for its acknowledgement.
//   - Every queue is bounded, in number and in bytes. Delivery from hubs never blocks.
//   - A change of one Subscription touches no other, and not the connection, unless its protocol makes it so.
//   - Secrets are taken from the snapshot in force when they are needed. They are in no error, log, status or metric.
//   - Every goroutine has ended when Close returns.
//
// Lock order: that of a connection, that of a hub, that of an outlet. The others are leaves. None but a connection's is held while a
// hub is called, and none at all while the broker, the handler or a client is.
package connectivity
