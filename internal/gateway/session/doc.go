// Package session is the WebSocket binding of the protocol: from the HTTP
// handshake to the close frame.
//
// A session authenticates before the upgrade, takes over the handshake's
// headers as defaults of its messages, handles the control messages of the
// binding (START-SEND-…, STOP-SEND-…), decodes every other text into an
// envelope and gives it to the handler, and queues what comes back.
//
// Invariants:
//
//   - A message that is not acceptable is answered with an error envelope. Only
//     text that is not UTF-8, a message over the size limit, a violation of
//     RFC 6455 and a token that does not renew the session end it.
//   - A session ends when its identity does: when that expires and was not
//     renewed, and when it is no longer admitted. Who it is, what it may address
//     and what it has declared are settled when it begins and never change.
//   - Credentials stay with who verifies them: they are in no header of a
//     message, log, metric, answer or close frame.
//   - A session has a bounded number of messages in flight: received, and not
//     yet answered on the socket, and of bytes of answers that wait for the
//     socket. Beyond, it does not read, so that pressure reaches the client's
//     own socket. Therefore replies need no other bound, and are never dropped.
//   - What a session asked of others is in nobody's way: it is not in flight, and
//     its answers, which come when they come, are bounded in bytes by themselves.
//     A session that does not read them is closed with 1013.
//   - A session that ends asks nothing and owes nothing any more, and then lets
//     its labels go.
//   - Signals are bounded in number and bytes. What happens when a session
//     cannot take more is configured: it is closed with 1013, or the newest
//     are dropped and counted.
//   - Subscriptions for streams belong to the session and end with it. Their
//     frames wait for room one by one, so that they need no bound either; while
//     there are any to be sent, each kind of streams has a goroutine.
//   - An idle session has one goroutine, the one that reads. Unless messages or
//     pings have come lately, that is one which has handled nothing yet: its stack
//     is as small as they begin.
//
// The package does not know what commands do.
package session
