// Package entrance decides who comes in, the same for every binding of the protocol, and says in the words of the protocol and of
// HTTP why somebody does not.
//
// Invariants:
//   - Who is refused is told less than the log: nothing that helps to guess.
//   - A refusal because of credentials names the ways to authenticate.
package entrance
