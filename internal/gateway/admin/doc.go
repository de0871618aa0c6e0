// Package admin serves what operators and their tools ask a gateway, on a port
// of its own that clients of the gateway never reach: liveness, readiness,
// metrics, and what has become of Connections.
package admin
