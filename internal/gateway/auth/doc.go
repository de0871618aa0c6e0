// Package auth finds out who opens a session: it turns the request of a handshake into an [Identity], the user's name
// and the authorization subjects that policies are evaluated for.
//
// Every way to authenticate is a [Provider]; a [Chain] asks them in order and the first one that finds its kind of
// credentials decides. [Basic] is HTTP Basic authentication (RFC 7617) against password hashes.
//
// Invariants:
//
//   - There is no anonymous access: without credentials, or with an empty chain, the answer is [ErrNoCredentials].
//   - No password is kept. What is remembered of a successful verification is a keyed digest that is worthless in
//     another process, and it goes when the user's hash goes.
//   - A password is hashed by a bounded number of goroutines at a time, with a bounded number waiting; nothing is hashed
//     for a login that is remembered, nor under the lock of anything that a remembered login needs.
//   - An answer, and the time that it takes, is the same for an unknown user and for a wrong password.
//   - Errors carry nothing that the requester sent and no secret, so they can be logged as they are.
//
// The package must not know the protocol's envelopes and errors, policies, or sessions: whoever runs the handshake maps
// the typed errors to a response. It starts no goroutine and logs nothing.
package auth
