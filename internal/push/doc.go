// Package push keeps the pods of gateways on the configuration that is desired,
// over their management ports, and knows what the pods say of themselves.
//
// A Fleet is told what is desired, and by Run brings it about. Every pod has a
// keeper: a goroutine with a connection of its own that
//
//  1. asks for the pod's status at the first contact and after every failure,
//  2. sends what differs: taking out of service or putting back, the snapshot,
//  3. waits, in a long poll, until the pod has news or something else is desired.
//
// Nothing is remembered but what pods say, so another Fleet, after a restart or
// in a new leader, comes to the same view by asking.
//
// # Invariants
//
//   - A pod that does not answer costs nobody else anything: every exchange has a
//     deadline, and a handshake that hangs counts little towards their bound.
//   - A snapshot is sent to a process only if it reports another hash, and not if
//     it has refused this one. What has restarted is a new process.
//   - A pod that is reached is sent what is desired at once, whatever its keeper
//     is waiting for. A pod that fails is tried again after a pause that grows.
//   - An answer counts only if it comes over TLS 1.3 from a pod with a certificate
//     of the Gateway, is a status of the Gateway, and has at most 1 MiB. Redirects
//     are not followed.
//   - Goroutines: Run, and one for each pod while Run runs. When Run returns they
//     have ended. Memory: for each pod a connection and its last status, which is
//     bounded; a snapshot while it is sent, one for each Gateway, whatever the
//     number of pods, and for a bounded number of Gateways at once.
//   - Locks: Fleet.mu is never held while anybody waits, and no other lock is
//     taken with it.
//
// The package must not know Kubernetes, nor what is in a snapshot.
package push
