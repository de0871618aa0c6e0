// Package persisted serves subscriptions for the persisted events of a thing
// or a policy: it takes envelopes of the criterion streaming, and lets package
// stream send, one by one, the events that the history keeps.
//
//	subscribeForPersistedEvents → created
//	request → may the requester read the whole entity? → history → next …
//
// What comes is what a subscriber who may read everything was told of each
// change, with the headers of the message that subscribed: those of the
// commands behind the changes are not kept.
//
// Invariants:
//
//   - Every envelope leads to exactly one Reply or NoReply of its requester.
//   - Whoever gets an event may read the whole entity, by the policy as it is
//     when the event is read from the history, which is not before it was
//     requested.
//   - Only events of the life that the entity has now are told. Who makes an
//     entity anew has no say in who may know what was there before.
//   - Only durable events are told: those up to the revision that the entity
//     has at the first request.
//   - No more of a history is in memory than a portion, whatever is requested.
package persisted
