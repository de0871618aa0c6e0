// Package model is what a policy is: its parts, how they are read from what clients write, how they are written, what must
// hold of a whole policy, and what becomes of it together with other policies.
//
//	Reader.Policy(id, value) → Policy    Policy.Append → document    Load(document) → Policy
//	Resolve(Policy, Source, RootPolicies) → Resolved, what is enforced
//
// A Policy that was read or loaded is never modified in place, nor is anything that it holds: the With… and Without…
// methods return changed copies, which share with the original what did not change.
//
// Invariants:
//   - What [Reader] accepts and what [Policy.Append] writes are the same to [Load]: writing what was loaded gives the bytes
//     that were loaded, and reading them again, at the same time, gives the same policy.
//   - In a Policy that was read, the labels of entries, the ids of subjects and imports, and the keys of resources are unique
//     where they stand.
//   - Whatever policies say, resolving one is bounded: in the length of the others that are looked at, and in what is taken over
//     from them and by references. What is too much is left out, and refused by [Policy.CheckBudget] when it is written.
//
// The package does not know who may change a policy, what a command does to it, nor how permissions are evaluated. It does
// no I/O and has no clock.
package model
