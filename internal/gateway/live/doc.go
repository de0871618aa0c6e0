// Package live is what travels between applications and devices without touching the twin: messages, live commands and the
// responses to them, and live events.
//
// An envelope of channel live is one of four things, and each is checked when it is made:
//
//	NewMessage(envelope)    → Message    without a status for whom it concerns, with one for who asked
//	NewCommand(envelope)    → Command    any command on a thing
//	ParseResponse(envelope) → Response   what a device answers to a command; Match tells whether it answers that one
//	NewEvent(envelope)      → Event      what a device tells of itself
//
// Each knows which permission its sender needs, and which somebody needs who receives it. Each appends itself as the envelope
// that a receiver is sent; what differs between receivers is a [Delivery].
//
// Invariants:
//   - What is delivered is what was sent: the value of a message to the letter, but for base64 that is brought into its usual
//     form, and that of anything else in canonical form, so that what was checked is what everybody reads.
//   - An envelope that was refused has no effect, and nothing in it makes a function panic. The work is in proportion to its
//     size, and a message has at most [MaxPayload] characters of payload.
//   - Headers that a receiver is not to see, and those that only the server sets, are not passed on. Those that the server sets
//     are the same whatever the sender said of them.
//   - Nobody without rights sends or receives anything, except claims, which everybody may send, and answers, which go to who
//     asked.
//
// Values alias the text that the envelope came in, as envelopes do. Nothing is modified once it was made but for the
// originator, which the caller sets before it is appended.
//
// The package does not know who is connected, who waits for what and for how long. It does no I/O and has no clock.
package live
