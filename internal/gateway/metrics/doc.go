// Package metrics holds what the gateway counts, as Prometheus metrics.
//
// It is the one place where metric names and labels are written down; their
// cardinality is bounded by the protocol (actions, statuses, close codes), and
// no label carries an entity, a user or an address. The packages that count
// call methods with the words of their own domain.
package metrics
