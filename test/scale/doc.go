// Package scale measures the operator: how long a change takes to reach all pods
// and to be reported, what the operator needs at many Gateways, and how long a
// failover takes.
//
// API server, etcd and operator are the real programs, each in a process of its
// own; the operator runs as config/default deploys it, with its rights, its
// arguments and its environment. Pods are objects made here, each with an
// address of its own at which this process plays its management port: with the
// code of the data plane, the certificates of the Gateway, and nothing behind
// it.
//
// A measurement takes minutes and wants a machine for itself, so nothing runs
// unless TWINWAY_SCALE=1 asks for it; see "make scale". What is printed is
// Markdown. Tests fail when something does not come about, never because it
// took long.
package scale
