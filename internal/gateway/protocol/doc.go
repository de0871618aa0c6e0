// Package protocol is the language that clients and the gateway speak: envelopes, their topics, headers and paths, errors,
// and the control messages of the WebSocket binding.
//
// A text that a client sent is either a control message or an envelope:
//
//	ParseControl(text) → Control        Decode(text) → Envelope → ParsePath(path), Headers.Timeout
//
// What answers it is appended to a byte slice without an envelope in between: [Response], [ErrorResponse] and [Event].
//
// Invariants:
//   - No input makes a function panic, and everything that a client can make long, many or deep is bounded.
//   - An envelope that was decoded holds headers whose values have been checked and have the type that they have on
//     output, and only such that clients may set.
//   - The members value, extra and metadata are never interpreted: they remain the bytes of the text they came in.
//   - What is wrong with a text is an [Error], with the correlation id at hand whenever it could be read.
//
// The package does not know what commands do to things or policies, who may do what, and how texts travel. It does no I/O
// and has no clock.
package protocol
