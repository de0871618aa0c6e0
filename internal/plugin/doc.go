// Package plugin is what "kubectl twinway" does: it shows what an operator sees,
// and asks it for things by annotations.
//
// It works with the rights of the person who calls it and against any cluster
// that has the custom resources, whether an operator runs or not. It writes
// nothing but annotations.
//
// Invariants:
//
//   - No value of a Secret is shown or written to a file: of Secrets there are
//     keys and sizes, of a configuration the hash and what its redacted form
//     shows.
//   - Text that comes from the cluster is printed without control characters.
//   - Whatever is read is bounded: logs by size, lists by page.
package plugin
