package pebble

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/store"
)

// The first byte of every value.
const (
	stateFormat = 3
	eventFormat = 1
)

const (
	flagDeleted = 1 << iota
	flagDue
	flagMeta
)

var errValue = errors.New("value does not decode")

// head is what an append needs to know of an entity's current state.
type head struct {
	// revision is the current one, 0 for an entity that never existed.
	revision int64
	// kept is how many events are in the history at most; theirs are the
	// revisions up to the current one. What has gone because of its age is
	// still counted.
	kept int64
	// due is the Due of the record, in UTC.
	due time.Time
}

// stateSize returns the length of what appendState appends.
func stateSize(h head, r *store.Record) int {
	n := 2 + uvarintSize(uint64(h.revision)) + uvarintSize(uint64(h.kept)) +
		timeSize(r.Created) + timeSize(r.Modified) + len(r.Doc)
	if !h.due.IsZero() {
		n += timeSize(h.due)
	}
	if len(r.Meta) > 0 {
		n += uvarintSize(uint64(len(r.Meta))) + len(r.Meta)
	}
	return n
}

func appendState(dst []byte, h head, r *store.Record) []byte {
	var flags byte
	if r.Deleted {
		flags |= flagDeleted
	}
	if !h.due.IsZero() {
		flags |= flagDue
	}
	if len(r.Meta) > 0 {
		flags |= flagMeta
	}
	dst = append(dst, stateFormat, flags)
	dst = binary.AppendUvarint(dst, uint64(h.revision))
	dst = binary.AppendUvarint(dst, uint64(h.kept))
	if !h.due.IsZero() {
		dst = appendTime(dst, h.due)
	}
	dst = appendTime(dst, r.Created)
	dst = appendTime(dst, r.Modified)
	if len(r.Meta) > 0 {
		dst = binary.AppendUvarint(dst, uint64(len(r.Meta)))
		dst = append(dst, r.Meta...)
	}
	return append(dst, r.Doc...)
}

// decodeState returns a record whose bytes are a copy of its own.
func decodeState(v []byte) (store.Record, error) {
	r, err := viewState(v)
	r.Doc, r.Meta = append([]byte(nil), r.Doc...), append([]byte(nil), r.Meta...)
	return r, err
}

// viewState returns a record whose bytes are those of v.
func viewState(v []byte) (store.Record, error) {
	d := decoder{rest: v}
	flags, h := d.head()
	r := store.Record{Revision: h.revision, Deleted: flags&flagDeleted != 0, Due: h.due}
	r.Created = d.time()
	r.Modified = d.time()
	if flags&flagMeta != 0 {
		r.Meta = d.bytes()
	}
	if d.failed {
		return store.Record{}, errValue
	}
	r.Doc = d.rest
	return r, nil
}

// decodeHead reads the beginning of a state.
func decodeHead(v []byte) (head, error) {
	d := decoder{rest: v}
	_, h := d.head()
	if d.failed {
		return head{}, errValue
	}
	return h, nil
}

func eventSize(e *store.Event) int { return 1 + timeSize(e.Time) + len(e.Payload) }

func appendEvent(dst []byte, e *store.Event) []byte {
	dst = append(dst, eventFormat)
	dst = appendTime(dst, e.Time)
	return append(dst, e.Payload...)
}

// decodeEvent returns an event whose payload aliases v.
func decodeEvent(v []byte, revision int64) (store.Event, error) {
	d := decoder{rest: v}
	d.format(eventFormat)
	e := store.Event{Revision: revision, Time: d.time()}
	if d.failed {
		return store.Event{}, errValue
	}
	e.Payload = d.rest
	return e, nil
}

func timeSize(t time.Time) int {
	return varintSize(t.Unix()) + uvarintSize(uint64(t.Nanosecond()))
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = binary.AppendVarint(dst, t.Unix())
	return binary.AppendUvarint(dst, uint64(t.Nanosecond()))
}

func uvarintSize(x uint64) int {
	n := 1
	for ; x >= 0x80; x >>= 7 {
		n++
	}
	return n
}

func varintSize(x int64) int { return uvarintSize(uint64(x)<<1 ^ uint64(x>>63)) }

// decoder takes values apart. After the first thing that does not decode it
// stays failed and returns zeros.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) format(want byte) { d.failed = d.failed || d.byte() != want }

func (d *decoder) head() (flags byte, h head) {
	d.format(stateFormat)
	flags = d.byte()
	h.revision, h.kept = int64(d.uvarint()), int64(d.uvarint())
	if flags&flagDue != 0 {
		h.due = d.time()
	}
	if h.revision < 1 || h.kept < 0 || h.kept > h.revision {
		d.failed = true
	}
	return flags, h
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.failed = true
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

// bytes reads bytes that follow on their length.
func (d *decoder) bytes() []byte {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.failed = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) uvarint() uint64 {
	x, n := binary.Uvarint(d.rest)
	return uint64(take(d, n, int64(x)))
}

func (d *decoder) time() time.Time {
	x, n := binary.Varint(d.rest)
	sec := take(d, n, x)
	nsec := d.uvarint()
	if nsec >= uint64(time.Second) {
		d.failed = true
		return time.Time{}
	}
	return time.Unix(sec, int64(nsec)).UTC()
}

// take consumes the n bytes that x was read from.
func take(d *decoder, n int, x int64) int64 {
	if n <= 0 {
		d.failed = true
		return 0
	}
	d.rest = d.rest[n:]
	return x
}
