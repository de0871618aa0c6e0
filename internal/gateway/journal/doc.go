// Package journal is the form in which the history of an entity is kept: what
// every event has beside its revision and time, as bytes that a store does not
// look into.
//
// It is responsible for the layout of these records, and for the two things
// that are read from them: what has been told of a change, and the entity that
// the change led to. It must not know where records are kept or when they go.
//
// A record keeps the entity whole, or as what has to be put in place of a part
// of it as it was before: a splice. Invariants:
//
//   - A record keeps the entity whole if its revision is the first of a run
//     (revision % Stride == 1), if there was no entity before, if the change
//     came after a pause, and if a splice would hardly be shorter. Therefore no entity
//     is further than Stride records away from one that is whole, whatever
//     its revision, and a store may drop whole runs, and everything before a
//     pause, without making a later record unreadable.
//   - What has been told of a change is read from its record alone.
//   - A record that this package did not write is refused with ErrRecord or
//     read as something that it could have written; reading one costs no more
//     than its length and that of the entity.
package journal
