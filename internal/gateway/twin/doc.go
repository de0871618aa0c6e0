// Package twin is the twin channel of things: it takes envelopes whose topic
// is a things command on channel twin, gets them decided, and answers.
//
//	envelope → thing.Command, options → policy → engine → thing.Decide
//	         → response or error to the requester, event to the subscribers
//
// It joins the pure packages protocol, thing and policy with the engine, and
// adds nothing to what they decide.
//
// Invariants:
//
//   - Every envelope leads to exactly one Reply or NoReply of its requester.
//   - A command whose response is not required is not answered, also not when
//     it fails; what is wrong with the message itself is always answered.
package twin
