// Package compile turns API objects into the Snapshots that gateways run by.
//
// Gateways and Compile are pure functions but for the time at which certificates
// should be valid, which matters to warnings only: the same objects, in whatever
// order, give the same snapshot, wherever they come from. `gateway --config`,
// `validate`, `render` and the operator call them, so what is refused on a laptop
// is refused in a cluster.
//
// Invariants:
//
//   - Every rule of the API is checked again; nothing trusts that an API server
//     has done so. Beyond it, what only a program can check is checked: templates,
//     filters, keys and certificates.
//   - A Connection or Subscription that is refused is missing from the snapshot,
//     and changes nothing else. Who refers to it is refused with it.
//   - What is there twice is refused, as nobody can say which is meant.
//   - No finding shows a value of a Secret, nor a URI, which may hold a password.
//
// The package knows no files and no YAML: an Origin says where an object was read
// from, for the findings. It knows no cluster either.
package compile
