// Package twin is the twin channel of things: it takes envelopes whose topic
// is a things command on channel twin, gets them decided, and answers.
//
//	envelope → thing.Command, options → policy → engine → thing.Decide
//	         → response or error to the requester, event to the subscribers
//
// It joins the pure packages protocol, thing and policy with the engine, and
// adds nothing to what they decide.
//
// An event looks to a subscriber as its rights allow when it is published. For
// who wants something of it, fields of the thing are added first, as it is after
// the event, then the filter is evaluated on both, all of it as far as the
// subscriber may read it. What that comes to is found out once for all who want
// the same and may read the same.
//
// Invariants:
//
//   - Every envelope leads to exactly one Reply or NoReply of its requester.
//   - A command whose response is not required is not answered, also not when
//     it fails; what is wrong with the message itself is always answered.
//   - Neither what is added to an event nor whether a filter matches tells a
//     subscriber anything that it may not read.
//   - What an event takes for all that the sessions of one user want is bounded,
//     however many there are, since those who change things wait for it. What the
//     bound comes to depends on nothing that may not be read.
//   - An event to which the parameters of a subscription cannot be applied is
//     not lost without a word: an error is told in its place.
package twin
