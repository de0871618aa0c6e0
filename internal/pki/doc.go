// Package pki is the certificate authority between the operator and the
// management ports of the gateways: it makes certificates, and says when they
// and the authority itself are due to be replaced.
//
// It stores nothing and has no clock: the caller keeps what Encode returns in a
// Secret, calls Advance now and then, and passes the time.
//
// # Rotation
//
// A root lives for RootLife and issues certificates of LeafLife. It stops
// issuing early enough for the last of them to end before it does. Well before
// that its successor is published: trusted, but not yet used, so that everyone
// has it in the bundle when the first certificate of it appears. The root before
// stays trusted until it ends, and with it everything it has issued.
//
//	day   0    root 1 issues
//	day 215    root 2 is published
//	day 245    root 2 issues, root 1 is still trusted
//	day 335    the last certificate of root 1 ends
//	day 365    root 1 ends; root 2 does all this 215 days later
//
// # Invariants
//
//   - At most three roots are known at a time, and their keys are P-256.
//   - The key of a root that issues no more is forgotten.
//   - A certificate of a gateway cannot be used as a client, that of the operator
//     cannot be used as a server, and a root vouches only for names below Domain.
//   - No key is ever formatted, logged or part of an error.
//
// The package must not know Kubernetes, files or connections.
package pki
