// Package link is what connections of all kinds have in common: a kind dials, a client publishes and hands over what it consumes,
// until it is lost or closed. Who keeps connections knows nothing of MQTT, Kafka or HTTP; who speaks those knows nothing of
// things, policies and mapping.
//
//	Kind.Dial → Client.Publish → done(Outcome)
//	          → Consumer.Consume(Consumed) → Settle
//	          → Client.Lost → Kind.Dial ...
//
// Invariants of a Client:
//
//   - Publish leads to exactly one call of done, also when the client is lost or closed, unless it returns an error.
//   - Messages with the same key are delivered in the order of the calls of Publish.
//   - What was handed over is acknowledged to the other end only after it was settled, if it is to be delivered at least once.
//     What was not settled when the client is lost or closed is not acknowledged.
//   - Nothing is buffered without bound: Publish and Consume block while there is no room, as long as their contexts allow.
//   - Every goroutine of a client has ended when Close has returned.
//   - Credentials and payloads are in no error and in no log.
package link
