// Package auth finds out who opens a session: it turns the request of a handshake into an [Identity], the user's name
// and the authorization subjects that policies are evaluated for.
//
// Every way to authenticate is a [Provider]; a [Chain] asks them in order and the first one that finds its kind of
// credentials decides. [Basic] is HTTP Basic authentication (RFC 7617) against password hashes, [Tokens] takes JSON Web Tokens
// (RFC 7519) of OpenID Connect issuers, and [PreAuthenticated] takes a proxy's word.
//
// Invariants:
//
//   - There is no anonymous access: without credentials, or with an empty chain, the answer is [ErrNoCredentials].
//   - No password is kept. What is remembered of a successful verification is a keyed digest that is worthless in
//     another process, and it goes when the user's hash goes.
//   - A password is hashed by a bounded number of goroutines at a time, with a bounded number waiting; nothing is hashed
//     for a login that is remembered, nor under the lock of anything that a remembered login needs.
//   - An answer, and the time that it takes, is the same for an unknown user and for a wrong password.
//   - A token is taken only with a signature, of an allowed algorithm, by a key that its issuer has published or the
//     configuration has given; and only as long as it is valid. Nothing in the token chooses where keys come from.
//   - Keys are fetched from an issuer at most once at a time, and not more often than every ten seconds, whatever tokens
//     arrive. A fetch is bounded in time and size.
//   - Errors carry nothing that the requester sent and no secret, so they can be logged as they are.
//
// The package must not know the protocol's envelopes and errors, policies, or sessions: whoever runs the handshake maps
// the typed errors to a response. It logs nothing, and starts no goroutine but those that fetch keys, which [Tokens.Close]
// ends.
package auth
