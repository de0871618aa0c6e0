package journal

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/store"
)

// ErrGap says that an event cannot be replayed, because it builds on an entity
// that is not the one before it.
var ErrGap = errors.New("journal: the event before is missing")

// Replay is an entity on its way through its history. The zero value is before
// all of it.
type Replay struct {
	record store.Record
	known  bool
}

// Add goes on to an event: the next one, or any that keeps the entity whole.
// After an error the entity is unknown until there is one that does.
//
// Errors: ErrGap, ErrRecord.
func (y *Replay) Add(e store.Event) error {
	r, err := parse(e.Payload)
	if err == nil && !r.has(flagWhole) {
		err = y.apply(&r, e.Revision)
	} else if err == nil {
		y.begin(&r)
	}
	if y.known = err == nil; !y.known {
		return err
	}
	y.record.Revision, y.record.Modified = e.Revision, e.Time
	return nil
}

// Record returns the entity after the last event that was added, or nil if it
// is unknown. It is overwritten by the next one.
func (y *Replay) Record() *store.Record {
	if !y.known {
		return nil
	}
	return &y.record
}

// replace returns text with other contents, nil for none.
func replace(text, contents []byte) []byte {
	if len(contents) == 0 {
		return nil
	}
	return append(text[:0], contents...)
}

// begin takes the entity from a record that keeps it whole. The record is lent.
func (y *Replay) begin(r *record) {
	y.record.Deleted = r.has(flagDeleted)
	y.record.Created = r.created
	y.record.Meta = replace(y.record.Meta, r.meta)
	y.record.Doc = replace(y.record.Doc, r.doc)
}

// apply takes from a record what changes.
func (y *Replay) apply(r *record, revision int64) error {
	if !y.known || y.record.Revision+1 != revision {
		return ErrGap
	}
	if r.has(flagCreated) {
		y.record.Created = r.created
	}
	metaFits, docFits := true, true
	if r.has(flagMeta) {
		y.record.Meta, metaFits = r.metaSplice.put(y.record.Meta, r.meta)
	}
	if r.has(flagDoc) {
		y.record.Doc, docFits = r.docSplice.put(y.record.Doc, r.doc)
	}
	if !metaFits || !docFits {
		return ErrRecord
	}
	return nil
}
