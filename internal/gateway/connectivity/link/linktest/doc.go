// Package linktest has what tests of links need at both of their ends: authorities that issue certificates, networks that can be cut,
// consumers that do as they are told, and short words for dialling, publishing and waiting.
//
// Invariants:
//
//   - What is opened by a test ends with it.
//   - No wait measures anything: Enough only guards against hanging.
package linktest
