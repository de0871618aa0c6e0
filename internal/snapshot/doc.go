// Package snapshot holds the effective configuration of one gateway and what
// was found while it was compiled.
//
// A Snapshot is plain: integers, durations, strings, maps of strings and lists,
// every default filled in, every reference resolved, every list whose order does
// not matter sorted. It is what the data plane runs by, so the package knows
// neither Kubernetes nor manifests nor any I/O; the compiler that makes a
// Snapshot from manifests is the package compile below.
//
// Invariants:
//
//   - The encoding is canonical: equal snapshots have equal bytes and equal
//     hashes, in every process.
//   - What Decode returns is what Encode was given, and holds no number that the
//     data plane cannot run by.
//   - Nothing in this package shows a password hash, or what else came from a
//     Secret, by accident: formatting, logging or marshalling a Snapshot gives a
//     summary. Only Encode gives all of it.
//   - A finding carries no value of a Secret.
//   - A field that is added later is left out of the encoding as long as it has
//     the value that gateways had before there was the field: gateways are not
//     replaced when the operator is, and refuse what they do not know.
package snapshot
