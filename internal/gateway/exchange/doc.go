// Package exchange is one message of a client and the answer it is owed.
//
// The services behind the sessions, which decide what commands do, share it:
// who sent the message, how it wants to be answered and until when, and how
// a result or an error becomes the envelope that goes back.
//
// Invariants:
//
//   - An Exchange leads to exactly one Reply or NoReply of its Requester, soon. One
//     that waits for others leads to NoReply, and is settled by one Answer at most.
//   - A command whose response is not required is not answered, also not when
//     it fails; what is wrong with the message itself is always answered.
package exchange
