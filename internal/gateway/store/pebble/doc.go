// Package pebble keeps a store in one directory on one machine, in the LSM
// tree github.com/cockroachdb/pebble.
//
// It is responsible for the guarantees of package store on top of the write-
// ahead log, the file formats below, and for refusing a directory that is in
// use, of another format, or damaged. It must not know what the documents and
// payloads mean.
//
// # Directory
//
// One directory holds one store: the files of Pebble and TWINWAY-STORE, the
// marker, with the format and the hash of the rules by which the index was
// made. The marker is written when the data base under it is
// complete, so a directory with data and without marker, or with a marker and
// without data, has been damaged and is refused. One process at a time holds
// the directory; Pebble's LOCK file enforces it.
//
// # Keys
//
//	state    01 kind id 00             the current record of an entity
//	history  02 kind id 00 revision    its events, revision in 8 bytes, big endian
//	due      03 time kind id           that the entity is due at that time
//	index    04 entry id               that the thing has the entry
//
// Ids contain no NUL, so the terminator keeps "a:b" and "a:bc" apart and no
// entity's keys lie between those of another. States and histories are apart,
// so that reading all states touches nothing else. The time is seconds since
// 1970 in 8 bytes with the sign bit turned round and nanoseconds in 4, big
// endian, so that keys are in the order of time. Entries are the caller's, and
// so are their order and that none is the beginning of another one. First
// bytes from 05 on are free for other tables.
//
// # Values
//
// The first byte of every value, if it has any, is the version of its encoding. Numbers are
// varints, times are seconds since 1970 and nanoseconds.
//
//	state v3    03 flags revision kept [due] created modified [meta] doc
//	history v1  01 time payload
//	due         nothing
//	index       nothing
//
// flags: bit 0, the entity is deleted; bit 1, it has a due; bit 2, it has
// metadata, which follow on their length. kept: how many events are in the
// history at most, which are the ones with the highest revisions.
// Pebble checksums blocks and log records; values carry no checksum of their
// own.
//
// # Due
//
// An append whose record is due at another time than the one before moves the
// entity's key in the same batch, so there is exactly one for each state with
// a due, and none without. An append that keeps the time writes nothing.
//
// # Index
//
// What an append removes from the index and adds to it is in the batch with
// the state, so that no crash parts them. The writer tells both, since it
// knows what the thing was before; what is there is not looked at. An entry is
// set once before it is deleted, so SingleDelete deletes it: both are gone as
// soon as a flush or a compaction meets them together.
//
// When the marker does not have the rules that Open is given, or none, because
// the directory is of format 3 or the index was not finished, Open makes
// the index anew: it takes the rules out of the marker, deletes the index,
// asks Options.Index for the entries of every thing that is not deleted, writes
// them in batches of about 1 MiB that are not synced, and flushes. The marker
// with the new rules comes last: whatever cuts that off, the next Open begins
// again. Memory is bounded by Options.CacheSize and a batch.
//
// A view is a snapshot of Pebble's; the store knows those that are open, and
// they know their iterators, since Pebble does not close while there are any.
//
// # History
//
// A run is the events of revisions 1 to 16, 17 to 32 and so on. Histories lose
// whole runs, because the first event of each can be understood without those
// before it.
//
// By count: an append deletes in its batch the oldest runs without which the
// history is still as long as the limit, so that it has at most 15 events more.
// The limit may change at any time: when it grows, histories grow from then on;
// when it shrinks, an entity's history follows with the entity's next appends,
// at most 64 events more than necessary each.
//
// By age: the sweeper, one goroutine of the store that ends with Close, goes
// through all histories and deletes the runs whose newest event is too old,
// and the end of a history, which is no whole run, if the entity has not
// changed for twice as long as a pause: the next event can be understood
// without it then. It works in steps of at most 256 seeks and about as many
// deletions, each in one batch that is not synced, and rests nine times as
// long after each. It seeks to the oldest event of an entity and from there to
// the next entity, so that long histories cost no more than short ones. A pass
// begins a minute after the store was opened or the age was changed, and then
// after a 24th of the age, but not later than after an hour.
//
// The sweeper takes no lock, since no key of an event is ever written twice,
// and tells nobody: kept remains too large until the count comes to what has
// gone, and deletes it again. After a crash what was swept last may be back,
// from its beginning on, because a log has no gaps.
//
// # Concurrency
//
// Entities are spread over 64 stripes. An Apply holds the stripes of its
// entities, locked in ascending order, from the check of the revisions until
// Pebble has made the batch visible. A stripe remembers the revision, the
// history's length and the due of entities that were appended to, the more the
// larger Options.CacheSize is, so that the check of a busy entity costs a map
// access.
//
// # Failure
//
// The first change to the directory that fails, be it a write or a sync, of
// the log or of a table, makes the store fail for good: Apply and Wait return
// ErrFailed, Options.OnFatal is called, and the directory stays as it was at
// that moment, so that nothing can be lost by going on. What Pebble would end
// the process for has the same effect. Pebble is kept from noticing, see type
// failstop; so nothing panics or hangs, and reads go on. They may show what
// was never durable.
//
// # Damage
//
// Blocks with a wrong checksum give ErrCorrupt from Load, Apply, History, Due
// and views, and make the store fail: Pebble would otherwise try to compact them
// for ever, and an owner that serves half of its entities believes it is well.
// Open refuses a directory whose files are missing or damaged. Two cases that Pebble
// lets pass are checked before it is opened:
// it takes damage in the manifest for the manifest's end, and damage in the
// newest log for a write that a crash has cut off, unless the log itself says
// otherwise. Every batch therefore carries in the log how far the batches
// before it were acknowledged, see type watermark.
//
// Two things remain unnoticed. Damage of more than a bit to the very last
// acknowledged batches, those that no later batch refers to, in a store that
// was not closed, looks like a write that was cut off; Close leaves nothing in
// the log. And one log of several that has been removed by hand is not missed,
// because Pebble removes logs too.
package pebble
