// Package connections tests what Connections and Subscriptions do, from outside: real gateways configured by manifests, real brokers
// and servers on loopback, sockets between them that the tests cut.
//
// What each kind must do of itself has its tests in internal/gateway/connectivity; here is what its users build of it, what is left
// when something breaks, and that what was acknowledged at one end is never missing at the other.
package connections
