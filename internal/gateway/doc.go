// Package gateway is the data plane: it joins the store, the engine, the
// signals and the WebSocket sessions into one process, from a Snapshot.
//
//	Start    opens the store and the listeners; /readyz says 200 from then on
//	Apply    takes over another snapshot, or refuses it; sessions stay open, but
//	         for those of users who were removed
//	Drain    takes the gateway out of service: readiness, new sessions, old ones
//	TakeOut  begins that, and Resume ends it
//	Close    finishes what was accepted, makes it durable and releases everything
//
// Invariants:
//
//   - A snapshot is applied whole or not at all.
//   - What runs is what was applied last: a refused snapshot changes nothing.
//   - Every goroutine that is started here has ended when Close returns.
//
// The package knows nothing of Kubernetes and of manifests.
package gateway
