package store

import "time"

// Kind says what sort of entity a key names. Entities of different kinds may
// have the same id.
type Kind uint8

// The kinds of entities. Their values are written to disk.
const (
	Thing  Kind = 1
	Policy Kind = 2
)

// MaxIDLength is the longest entity id a store takes, in bytes.
const MaxIDLength = 1024

// Key names an entity. ID is its full id, "namespace:name", not empty, at most
// MaxIDLength bytes and without a NUL.
type Key struct {
	Kind Kind
	ID   string
}

// Record is the current state of an entity.
type Record struct {
	// Revision counts the changes of the entity, beginning with 1.
	Revision int64
	// Created and Modified are kept to the nanosecond and returned in UTC. The
	// zero time is kept as such.
	Created, Modified time.Time
	// Deleted marks an entity that existed and is gone; its revision goes on
	// counting if it is made again.
	Deleted bool
	// Due is when the owner has to do something about the entity at the
	// latest; zero means never. Kept like the other times. Its only meaning
	// here is that Store.Due finds the entity by it, a deleted one too.
	Due time.Time
	// Doc is the entity's document; opaque here. An empty document is returned
	// as nil.
	Doc []byte
	// Meta is what accompanies the document without being part of it; opaque
	// here, and nil if there is none.
	Meta []byte
}

// Histories are dropped from their beginning, in runs. The writer of events
// sees to it that one can be understood without those before it if it is the
// first of a run, or if it comes after a pause.
const (
	// HistoryRun is the length of a run: one begins with every revision that is
	// 1 more than a multiple of it.
	HistoryRun = 16
	// HistoryPause is how long after the event before it an event comes after a
	// pause. One that comes earlier than the event before it does too.
	HistoryPause = 30 * time.Minute
)

// Event is one change in the history of an entity.
type Event struct {
	// Revision is the entity's revision after the change.
	Revision int64
	// Time is when it happened; kept like the times of a Record.
	Time time.Time
	// Payload is opaque here.
	Payload []byte
}

// Append is one change to one entity: the state it leads to and the event that
// tells of it.
type Append struct {
	Key Key
	// Expected is the revision the entity must be at, 0 if it must never have
	// existed. Record and Event both carry Expected+1.
	Expected int64
	Record   Record
	Event    Event
	// Index is what becomes of the index, for entities of kind Thing only.
	Index IndexChange
}
