// Package crash kills a gateway under load, again and again, and holds it to
// its word: what was acknowledged is there, revisions have no gaps and no
// doubles, and nobody was told of anything that did not survive.
//
// It uses the binary as users do: a process, a directory of manifests,
// WebSocket clients and SIGKILL. The same for power loss, on a simulated file
// system, is in the store's own tests.
package crash
