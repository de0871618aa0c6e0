// Package twin is the twin channel of things: it takes envelopes whose topic
// is a things command on channel twin, gets them decided, and answers.
//
//	envelope → thing.Command, plan of the answer → policy → engine → thing.Decide
//	         → response or error to the requester, event to the subscribers
//
// Where the answer is acknowledgements, a wait of the broker is open before the
// engine decides. The event is told on its account, and it is told what has become
// of the command; it answers when everything has come.
//
// It joins the pure packages protocol, thing and policy with the engine, and
// adds nothing to what they decide.
//
// An event looks to a subscriber as its rights allow when it is published. Package
// telling makes of it what those are told who want something of it, with fields of
// the thing as it is after the event.
//
// Invariants:
//
//   - Every envelope leads to exactly one Reply or NoReply of its requester. It is
//     NoReply for a command that is answered by acknowledgements: no requester is
//     kept from sending by others who have not acknowledged.
//   - Who waits for acknowledgements is not told that a change was stored before
//     the fsync that covers it, nor that it was not when it may still be.
//   - A command whose response is not required is not answered, also not when
//     it fails; what is wrong with the message itself is always answered.
package twin
