// Package nats carries messages over a NATS server, with and without JetStream.
//
//	kind     dials: logs in, subscribes, finds or makes durable consumers
//	dialer   connects, with TLS if that is wanted
//	guard    lets nothing through that a server announces and there is no memory for
//	client   one connection
//	listen   what is consumed at most once: subscriptions, in the queue group if there is one
//	pull     what is consumed at least once: a durable consumer of each stream that a source's subjects are in
//	publish  at most once: a message; at least once: a message that a stream has stored
//
// Addresses are subjects. The header reply-to is the reply subject of a message that is not in a stream, and correlation-id and all
// others are headers. What comes in has its subject as the header nats.subject, too.
//
// Invariants:
//
//   - What is consumed at least once is acknowledged when it is settled. Until then the server is told again and again that it is worked
//     on, also while it waits for its turn, so that it does not come twice. What is to come again is asked for after a delay, and what
//     follows it does not wait.
//   - A durable consumer that is new begins with what is published from then on, unless its stream is a work queue. It outlives the
//     connection.
//   - What is consumed at most once waits in a bounded queue. What finds no room there is lost, counted and logged.
//   - Nothing is published to the subjects by which servers are told what to do, whatever an address resolves to.
//   - The library does not connect again: when the connection has ended the client is lost.
package nats
