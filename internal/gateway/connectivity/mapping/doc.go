// Package mapping is what lies between messages of outside systems and envelopes of the protocol:
//
//	Source.Map(message)   → subjects, commands      what a message that came in asks for, on whose authority
//	Source.Reply(answer)  → message                 what its sender is told of it
//	Target.Map(envelope)  → message                 how a signal looks outside
//	Mirror(envelope)      → command                 what repeats at one end what has happened at the other
//
// Invariants:
//   - A source or target is made once from what the snapshot says, and is not modified.
//   - No message makes a function panic or costs more than in proportion to its size and the bounds of templates.
//   - A device that may speak only for itself, by the enforcement of its source, never leads to a command about something else.
//   - Headers that only the server sets are not taken from outside and not shown there.
//
// The package does no I/O and has no clock.
package mapping
