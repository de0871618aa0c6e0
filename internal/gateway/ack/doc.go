// Package ack says what a message waits for before it is answered, gathers that, and says what the answer is.
//
//	ReadPlan(kind, headers) → Wants → Normalize → Plan → Collection.Begin → Put, Mismatch, Fail → Result
//
// A plan names the labels of the acknowledgements that are waited for. Those that clients give are read by [Read]; those
// that the server gives itself are made by [TwinPersisted], [LiveResponse] and [Weak]. Where the requester is owed more than
// the response to its command, [Acks] is the envelope that it is sent.
//
// Invariants:
//   - A plan has at most [MaxLabels] labels, each once. A plan that owes nothing has none, unless it is that of an event.
//   - Every label of a collection is answered at most once, and only by what was given under that label. What stands for
//     nothing that really happened does not count as the server having stored or a device having responded.
//   - A collection that is complete does not change any more, and its result is the same whenever it is asked for.
//   - An aggregated answer has every label of the plan exactly once, in the order of the plan, answered or not.
//   - What a collection holds is bounded, however large the acknowledgements are: see [MaxPayload] and [MaxAggregate].
//   - What is kept does not alias the text that it came in.
//
// The package does not know who may see a signal, who has declared a label, by what an acknowledgement finds what waits for
// it, and what time it is: its owner says when the wait of a plan is over. It does no I/O and has no clock and no lock.
package ack
