// Package policy says who may do what.
//
// For now it holds the policy that is implied while policies are not entities
// yet: whoever has authenticated may do everything. It stands where the
// decision will be taken, between a command's arrival and its decision, so
// that nothing around it has to move.
//
// The package is pure: it knows no I/O, clock or goroutine.
package policy
