// Package httppush is the kind of connection that makes an HTTP request of each message.
//
//	Publish → room → lanes, one for each key → workers → address, headers, credentials → request → Outcome
//
// Invariants:
//
//   - A request goes to the host of the connection and nowhere else, whatever an address or a header says. Redirects are not followed.
//   - The requests of one key are made one after the other, in the order of Publish; those of different keys at the same time, as
//     many as the connection allows.
//   - What waits is bounded, in number and in bytes; Publish waits for room. Of an answer a bounded part is read.
//   - Credentials are those of the moment when a request is made. If trust or a certificate has changed, new requests are made over
//     new connections, and those that are under way end as they would have.
//   - There is no goroutine, but those of idle connections, while there is nothing to do.
//
// A client is never lost: whether the other end can be reached shows with each request.
package httppush
