// Package mqtt speaks MQTT 3.1.1 and 5 with a broker, as a client that gateways can build upon: what was handed over is acknowledged when
// it was dealt with and not before, what is sent keeps its order and has exactly one outcome, and nothing is without bound.
//
//	kind      dials; remembers over connections what the session at the broker is made of
//	client    one connection
//	  outbox    what waits to be written; one goroutine writes all of it at once
//	  flights   what was sent and is not acknowledged
//	  reader    one goroutine that takes what comes
//	  intake    what has come and was not handed over; one goroutine hands it over, in order
//	  receipts  what was handed over and is not acknowledged
//	  pulse     one goroutine that keeps the connection alive and notices when it is not
//	routes    which sources a message is for
//
// Packets are those of Eclipse Paho (package packet), but not its clients, which cannot keep what is promised here. That for 3.1.1 reads
// on only when what it has read was taken, and sends no ping while one is unanswered: who slows the broker down by not taking messages is
// disconnected. That for 5 returns from Publish with the acknowledgement, so that several messages are under way only from several
// goroutines, in no order; it sends acknowledgements by a timer, fails its ping in the same way if messages of QoS 0 are not taken, and
// keeps one of several subscription identifiers. Both take packets of any size, and resend by themselves what this package has given an
// outcome.
//
// Invariants:
//
//   - PUBACK and PUBREC are sent in the order of the messages, each after its message was settled. What is to be delivered again is left
//     out of it, so that it holds up nothing else: the broker delivers it when the client connects again, which it does for that reason
//     after a while if the broker keeps the session.
//   - The reader waits only for room in the intake. While it does, the client sends pings and expects no answer. With MQTT 5 it does
//     not for messages of QoS 1 and 2, as long as the broker sends no more than it is told there is room for.
//   - A message comes once to each source with a filter that matches, however many of them do, and however many copies the broker sends if
//     it tells them apart.
//   - Locks are leaves but for that of the receipts, that of the outbox, and that of the memory, which are taken in this order.
package mqtt
