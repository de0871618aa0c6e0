// Package policies serves the commands on policies: it takes envelopes whose
// topic is a policies command, gets them decided, and answers.
//
//	envelope → policy.Command     → engine → policy.Decide    → response or error
//	envelope → policy.Integration → engine → policy.Integrate → response or error
//
// It joins the pure package policy with the engine and the authority, and adds
// nothing to what they decide. Changes of policies are not published to
// sessions; what subjects are told of their removal is the business of package
// expiry, which learns of it here.
//
// Invariants:
//
//   - Every envelope leads to exactly one Reply or NoReply of its requester.
//   - Whether a requester may do something is decided by the policy as it is
//     at the command's turn, with all changes before it, durable or not.
package policies
