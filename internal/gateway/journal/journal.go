package journal

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

const (
	// Stride is how many records a run has at most, of which the first keeps
	// the entity whole: the bound on what has to be read for any state.
	Stride = store.HistoryRun

	// pause is after how long without a change the entity is kept whole.
	pause = store.HistoryPause
)

// version is the first byte of every record.
const version = 3

// The flags of a record say what else there is in it.
const (
	flagWhole   = 1 << iota // the entity is kept whole, and is no splice
	flagDeleted             // there is no entity after the event; whole
	flagValue               // the event has a value, kept apart
	flagPlace               // the event has a value, which lies in the document; whole
	flagCreated             // when the entity was created; a splice: if that changed
	flagMeta                // the metadata; a splice: if they changed
	flagDoc                 // the document; a splice: if it changed

	knownFlags = 1<<7 - 1
)

// minPlaced is from what length on a value that lies in the document is not
// kept apart.
const minPlaced = 8

// actions are the actions of events as they are written to disk.
var actions = map[protocol.Action]byte{
	protocol.Created:  'c',
	protocol.Modified: 'm',
	protocol.Merged:   'p',
	protocol.Deleted:  'd',
}

// AppendChange appends the record of an event: the action at a path, the value
// that was told, nil for none, and the entity as it was before, nil if it
// never existed, and after. The time of the event must be after.Modified.
//
//	version  1 byte
//	action   1 byte: c, m, p (merged), d
//	flags    1 byte: what there is of the following
//	path     length, text
//	value    length, JSON
//	place    where the value lies in the document: offset, length
//	created  when the entity was created: seconds, nanoseconds
//	meta     whole: length, bytes; or a splice with the length of its bytes
//	doc      whole: bytes, to the end; or a splice to the end
//
// Numbers are varints. A splice is how many bytes the beginning and how many
// the end has in common with what was there before, and the bytes between.
func AppendChange(dst []byte, action protocol.Action, at protocol.Path, value []byte, before, after *store.Record) []byte {
	r := record{action: actions[action], path: at.Append(nil), value: value}
	if !r.splice(before, after) {
		r.whole(after)
	}
	return r.append(dst)
}

// record is a record taken apart. Its bytes belong to somebody else.
type record struct {
	action  byte
	flags   byte
	path    []byte
	value   []byte
	place   int // the offset of the value in doc, with flagPlace
	created time.Time
	// metaSplice and docSplice have a meaning without flagWhole.
	metaSplice, docSplice splice
	meta, doc             []byte
}

// whole makes the record one that keeps the entity whole.
func (r *record) whole(after *store.Record) {
	r.flags = flagWhole | flag(flagDeleted, after.Deleted) | flag(flagCreated, !after.Created.IsZero()) |
		flag(flagMeta, len(after.Meta) > 0) | flag(flagDoc, len(after.Doc) > 0)
	r.created, r.meta, r.doc = after.Created, after.Meta, after.Doc
	r.flagValue()
	if len(r.value) < minPlaced {
		return
	}
	if r.place = bytes.Index(r.doc, r.value); r.place >= 0 {
		r.flags = r.flags&^flagValue | flagPlace
	}
}

// splice makes the record one that keeps a splice, if that is right.
func (r *record) splice(before, after *store.Record) bool {
	if after.Revision%Stride == 1 || after.Deleted || before == nil || before.Deleted || before.Revision+1 != after.Revision ||
		paused(before.Modified, after.Modified) {
		return false
	}
	r.metaSplice, r.meta = spliceOf(before.Meta, after.Meta)
	r.docSplice, r.doc = spliceOf(before.Doc, after.Doc)
	if 4*(len(r.meta)+len(r.doc)) > 3*(len(after.Meta)+len(after.Doc)) {
		return false
	}
	r.flags = flag(flagCreated, !before.Created.Equal(after.Created)) |
		flag(flagMeta, r.metaSplice.changes(before.Meta, r.meta)) | flag(flagDoc, r.docSplice.changes(before.Doc, r.doc))
	r.created = after.Created
	r.flagValue()
	return true
}

// paused says that a change came so long after the one before that this one
// may be gone, or that it cannot be told because the clock was set back.
func paused(before, after time.Time) bool {
	gap := after.Sub(before)
	return gap < 0 || gap >= pause
}

func (r *record) has(flags byte) bool { return r.flags&flags != 0 }

func (r *record) flagValue() { r.flags |= flag(flagValue, r.value != nil) }

func flag(f byte, set bool) byte {
	if set {
		return f
	}
	return 0
}

func (r *record) append(dst []byte) []byte {
	const overhead = 3 + 9*binary.MaxVarintLen64
	dst = slices.Grow(dst, overhead+len(r.path)+len(r.value)+len(r.meta)+len(r.doc))
	dst = append(dst, version, r.action, r.flags)
	dst = append(appendLength(dst, len(r.path)), r.path...)
	switch {
	case r.has(flagValue):
		dst = append(appendLength(dst, len(r.value)), r.value...)
	case r.has(flagPlace):
		dst = appendLength(appendLength(dst, r.place), len(r.value))
	}
	if r.has(flagCreated) {
		dst = binary.AppendVarint(dst, r.created.Unix())
		dst = binary.AppendUvarint(dst, uint64(r.created.Nanosecond()))
	}
	if r.has(flagMeta) {
		if !r.has(flagWhole) {
			dst = r.metaSplice.append(dst)
		}
		dst = append(appendLength(dst, len(r.meta)), r.meta...)
	}
	if r.has(flagDoc) {
		if !r.has(flagWhole) {
			dst = r.docSplice.append(dst)
		}
		dst = append(dst, r.doc...)
	}
	return dst
}

func appendLength(dst []byte, n int) []byte { return binary.AppendUvarint(dst, uint64(n)) }
