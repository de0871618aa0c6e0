// Package store keeps what the gateway must not lose: for every entity its
// current record and a bounded history of the events that led to it.
//
// It is responsible for one thing, appending to the journal of an entity if
// the entity is still at the revision the writer has seen, and for reading
// back what was appended, by key, by when it is due, or through an index of
// what things have, in views that show one moment. Every implementation
// runs the contract test in package storetest. What holds for all of them:
//
//   - Apply is atomic: all appends of a batch or none, also after a crash.
//   - Revisions of an entity are 1, 2, 3 …, without gaps and without doubles.
//     They go on after a deletion: a deleted entity keeps its record, marked.
//   - A history is the events with the highest revisions, without gaps. It
//     loses its oldest ones at any time, also while nobody writes, and for good:
//     whole runs of them (HistoryRun), or all there are after a pause
//     (HistoryPause). The current record never goes.
//   - What is due follows from the current records, at any moment and after
//     any crash: an entity is found by the Due of its record and by no other.
//   - The index changes with the records: at any moment and after any crash it
//     has what the appends that are there have added and not removed. A View
//     shows records and index of one moment.
//   - Visible is not durable. Load, History, Due and views show a batch as soon
//     as Apply has returned; it survives a crash once Commit.Wait has returned nil.
//     Nothing may be acknowledged to a client, or published, before that.
//   - Batches become durable in the order in which Apply took them. A batch
//     that is durable therefore proves that all earlier ones are.
//   - A failed Wait is final. Whether its batch reached the disk is unknown
//     and asking the operating system again gives no honest answer, so the
//     store fails as a whole: every later Apply and Wait returns ErrFailed
//     until the process opens the directory anew.
//   - All methods may be called by several goroutines at once, except that
//     Close is called once, after every other call has returned.
//
// The operations are those that a replicated journal offers too: append with
// an expected revision, read the state, read the history. What is due can be
// told by anything that sees all states go by, and so can the index. A store
// must not know what documents, entries and payloads mean, who may read them,
// or what time it is: times are the caller's.
package store
