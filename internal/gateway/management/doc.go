// Package management serves a gateway's management port: the operator pushes
// snapshots to it, waits for what becomes of them, and takes the gateway out of
// service and back. What goes over the wire is described by
// internal/management.
//
//	Port          the HTTP handler, and the Status that it tells
//	Certificates  who the port is and whom it lets in, and how it listens
//
// Invariants:
//
//   - Nobody is let in but who proves to be the operator, in each handshake. Who
//     does not has no part in the places of who does.
//   - A snapshot takes force whole, or the one before stays in force and the
//     Status says why. One push is handled at a time.
//   - Version grows with every change of the Status that is seen, and who waits
//     for one hears of it. What cannot announce its changes is looked at while
//     somebody waits.
//   - Bodies, connections, waits and who waits are bounded.
//
// The package knows neither the data plane, which it is given as a Gateway, nor
// files other than its certificates.
package management
