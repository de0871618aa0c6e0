// Package enforcer answers what a policy permits.
//
// [Compile] turns the entries of a policy into an [Enforcer], which knows for each set of subjects the [Rights] that they have
// together. Rights answer the questions of the protocol, and every answer costs the depth of the path:
//
//   - effective: the nearest declaration at or above the path decides, and on the same level a revoke beats a grant, whichever
//     entries and subjects of the caller they come from;
//   - unrestricted: effective, and nothing is revoked anywhere below;
//   - partial: effective, or something is granted anywhere below;
//   - what of a document may be read.
//
// Invariants:
//   - What is not granted is denied. Nothing that cannot be understood grants anything.
//   - Rights never change. Those of one Enforcer that give the same answers are the same pointer, as long as they are kept.
//   - Nothing makes a function panic, and no recursion is as deep as a key is long.
//   - What an Enforcer keeps is bounded by its Size, no matter how many callers it is asked for.
//
// The package does not know where entries come from, what a thing or a policy looks like, and which permissions a command
// needs. It does no I/O and has no clock or goroutine, but remembers Rights under a lock, so that everything in it may be used
// by many goroutines.
package enforcer
