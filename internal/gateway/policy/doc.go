// Package policy is what commands do to policies.
//
// A command comes out of an envelope, which checks everything that does not depend on the policy; what it then does is a
// function of the policy's state, the command, who sent it and the time:
//
//	NewCommand(envelope) → Command        Decide(State, Command, Requester, now) → Outcome or error
//
// An outcome is the state after the command, the event that tells of the change, the response, and the subjects that are to be
// told that they were removed. A command that is refused has no effect. Subjects also go without a command, by [Expire], and
// policies come without one, together with a thing, by [Create]. What bearers of tokens do for those who act on their behalf is no
// command, but changes a policy like one: [Integrate].
//
// What a policy is and how it is read and written is the business of package model, what it permits that of package enforcer.
// A policy is kept as the canonical JSON that package model writes. Commands put the bytes of their value into it and have the
// whole read and written anew.
//
// Invariants:
//   - What is not permitted does not happen: nothing is read beyond what the requester's rights show, and a retrieve that they
//     do not permit fails in the same way whether there is something at its path or not.
//   - A State is never modified. The next state shares nothing with the envelope of the command that led to it.
//   - There is an event exactly if there is a new state, and its revision is one more than that of the state before.
//     Deleting a policy keeps its revision, and creating it anew continues it.
//   - The document of a state that exists is what model writes of it, and, unless the limit was lowered since or nothing but
//     the expiry of a subject happened, within the size limit. State.Due is that of the document.
//
// The package does not know how a state is stored, how policies are cached, who is told of what and how a response travels. It
// does no I/O and has no clock.
package policy
