// Package apply makes the objects of a Gateway what they were rendered to be.
//
// It knows no kinds but those it is told, and nothing of what the objects mean.
//
// Invariants:
//
//   - An object that does not belong to the Gateway is not touched. Whether it does
//     is decided by its controller, or, where an object outlives its Gateway, by
//     its labels. The decision and the change are tied together by the uid of the
//     object, or by not forcing when there was none.
//   - An object that is what it should be is not written. One that an apply did not
//     change is not applied again, so that no disagreement with another writer
//     becomes a loop.
//   - Claims are never deleted: they hold data.
package apply
