// Package thing is the model of a thing and what commands do to it.
//
// A command comes out of an envelope, which checks everything that does not depend on the thing; what it then does is a
// function of the thing's state, the command and the time:
//
//	NewCommand(envelope) → Command        Decide(State, Command, Authority, now) → Outcome or error
//
// An outcome is the state after the command, the policy that is made together with a new thing, the event that tells of the
// change and the response. A command that is refused has no effect. Who may do what is said by an Authority; which
// permissions a command needs, and what of a thing or an event is shown to whom, is decided here.
//
// A thing is kept as one canonical JSON document (see package document) with the members thingId, policyId, definition,
// attributes and features, in this order and those that it has. Commands splice bytes of their value into the document;
// nothing builds a tree of it.
//
// What is told of a thing beside its document, its metadata, is a second document with the same structure: what is told of a
// part lies where the part is. It comes and goes with commands on the part, and with the part.
//
// What is sent to a device, a message or a live command, is decided in the face of the twin as well:
//
//	CheckCondition(p, State, rights, now)        the header condition
//	Decide(State, Command, …).ForDevice          a retrieve's live-channel-condition
//
// Invariants:
//   - A State is never modified. The next state shares nothing with the envelope of the command that led to it.
//   - There is an event exactly if there is a new state, and its revision is one more than that of the state before.
//     Deleting a thing keeps its revision, and creating it anew continues it.
//   - The document of a state that exists is canonical, a valid thing, at most [document.MaxDepth] levels deep and, unless
//     the limit was lowered since, within the size limit together with the metadata.
//   - The metadata of a state is nil or a canonical object that is not empty. It tells nothing of parts that were deleted.
//   - The revision of a state is not changed by a retrieve.
//   - Without a policy that allows it nothing is shown and nothing happens. What may not be read is not there.
//   - Whether a condition holds is told to nobody who may not read all that it looks at.
//
// The package does not know what policies say, how a state is stored, who receives events or how a response travels. It
// does no I/O and has no clock.
package thing
