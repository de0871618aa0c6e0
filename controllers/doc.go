// Package controllers turns Gateways, Connections and Subscriptions into
// running gateways, and says in their status what has become of them.
//
// There is one reconciler for each kind. That of Gateways does all the work: it
// compiles the configuration, applies the objects in the cluster and hands the
// configuration to the pods. Those of Connections and Subscriptions only tell
// what that meant for their object.
//
// Invariants:
//
//   - What is stored in the snapshot Secret is what is pushed, and it is stored
//     first: a pod that starts finds it without the operator.
//   - A Gateway that cannot be compiled keeps what it had.
//   - Nothing that belongs to somebody else is changed.
//   - Status is computed whole from facts that were gathered once, written once,
//     and not at all when it is what it was.
//   - What the operator knows of pods it has from the pods, so that another
//     leader comes to the same status.
//   - No value of a Secret is in a status, an event, a log line or a metric.
package controllers
