// Package relay is the live channel: it brings messages, live commands and live events from those who send them to those who
// subscribed to them, and what those say to it back to who asked.
//
//	envelope → live.Message, Command or Event → engine: may it be sent? → hub: everybody who wants it and may receive it
//	         → broker: response and acknowledgements → answer to the requester
//
// Nothing of it is stored. A signal nevertheless takes its turn at the engine with what is done to the thing's twin: whether the
// thing exists, a condition holds and its policy permits the signal is decided on what came before it and is durable.
//
// A smart retrieve has two who could answer it. The twin is asked first: it tells whether the device is to be asked at all, and
// its answer is at hand if the device has none.
//
// Invariants:
//
//   - Every envelope leads to exactly one Reply or NoReply of its requester, before others must have said anything. Who waits for
//     others is given at most one Answer, later.
//   - A signal is published once, to those who may receive it under the policy of then, and never to its own sender.
//   - A response counts if it fits the request, whoever sends it. What it shows of a thing is what the requester may read when it
//     comes, under the policy that the thing had when it was asked.
//   - What waits holds nothing of what was sent but its headers, and nothing of a response that is not its answer.
//   - Something wrong with a message itself is always told, and a response or an event of the wrong shape unless its sender wants no
//     response. Whoever wants no response is told nothing else.
package relay
