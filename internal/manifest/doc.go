// Package manifest reads a directory of Kubernetes manifests: the same files
// that kubectl apply takes, for a gateway that runs without a cluster.
//
// Load gives the objects that a snapshot is compiled from. Decoding is strict:
// a field that does not exist or is there twice is an error, because a typing
// mistake must not silently mean a default. Watch says when the directory may
// be worth loading again.
//
// Invariants: every finding names the file, and where it can the document, the
// line and the field; no finding holds a value of a Secret; whatever the bytes
// in the files, reading them ends, within bounds on the size and number of
// files and documents.
//
// The package knows what a manifest looks like. What its values may be is the
// business of the package compile.
package manifest
