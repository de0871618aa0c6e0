package engine

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Command is what a client asks of one entity.
type Command interface {
	// Key names the entity.
	Key() store.Key

	// Decide looks at the entity's current record, nil if it never existed,
	// and says what happens. It is called at most once, on the goroutine of
	// the entity's shard, must not block and must not modify the record. The
	// siblings are its own until it returns.
	Decide(current *store.Record, siblings *Siblings, now time.Time) Effect

	// Complete is called exactly once: with nil after everything that Decide
	// has seen and done is durable, or with the error that prevented it.
	// With ErrTimeout it may run while Decide runs, so in that case it must
	// use only what was set before Submit. It must not block.
	Complete(err error)
}

// Effect is the outcome of a decision as far as the engine is concerned; the
// zero value is that of a command that changes nothing.
type Effect struct {
	// Record is the entity's new record, or nil if nothing changes. Its
	// revision is one more than that of the record before.
	Record *store.Record
	// Journal is the history record that tells of the change.
	Journal []byte
	// Index is what the change does to the index, if the entity is a thing; it
	// is ignored without a Record. Its bytes must stay as they are until the
	// command is completed.
	Index store.IndexChange
	// Signal is published when the change is durable, before the command is
	// completed; nil for none. Without a change it is published in its turn
	// among those of the entity, when what was decided before it is durable.
	Signal *pubsub.Signal
	// Sibling is a change of a sibling that happens together with that of the
	// entity or not at all; nil for none. It is ignored without a Record.
	Sibling *SiblingEffect
}

// SiblingEffect is a change of the entity of another kind with the same id.
type SiblingEffect struct {
	Kind    store.Kind
	Record  *store.Record
	Journal []byte
}

// Task is a command in the engine's hands. Embed it in the command's own
// struct to spare an allocation; it must not be reused.
type Task struct {
	// Command is set by the submitter.
	Command Command
	// Deadline is when Complete(ErrTimeout) is called if nothing else was by
	// then; zero for never.
	Deadline time.Time

	outstanding
}
