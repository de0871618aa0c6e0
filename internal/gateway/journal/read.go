package journal

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// ErrRecord says that a record is not one that AppendChange writes.
var ErrRecord = errors.New("journal: unreadable record")

// Change is what was told of a change.
type Change struct {
	// Action is what happened to the part at Path, a JSON pointer into the
	// entity: "/" for all of it.
	Action protocol.Action
	Path   string
	// Value is the JSON that was told, a merge patch if it was merged; nil if
	// there was none, as for deletions.
	Value []byte
}

// Read returns the change that a record tells of. Its value aliases the record.
//
// Errors: ErrRecord.
func Read(payload []byte) (Change, error) {
	r, err := parse(payload)
	if err != nil {
		return Change{}, err
	}
	return Change{Action: actionOf(r.action), Path: string(r.path), Value: r.value}, nil
}

func actionOf(letter byte) protocol.Action {
	switch letter {
	case 'c':
		return protocol.Created
	case 'm':
		return protocol.Modified
	case 'p':
		return protocol.Merged
	case 'd':
		return protocol.Deleted
	}
	return 0
}

// parse takes a record apart. What it returns aliases the payload.
func parse(payload []byte) (record, error) {
	if len(payload) < 3 || payload[0] != version || actionOf(payload[1]) == 0 {
		return record{}, ErrRecord
	}
	r := record{action: payload[1], flags: payload[2]}
	if !r.consistent() {
		return record{}, ErrRecord
	}
	p := parser{rest: payload[3:]}
	r.path = p.text()
	length := 0
	switch {
	case r.has(flagValue):
		r.value = p.text()
	case r.has(flagPlace):
		r.place, length = p.length(), p.length()
	}
	if r.has(flagCreated) {
		r.created = p.time()
	}
	r.parseEntity(&p)
	if p.failed || r.place > len(r.doc) || length > len(r.doc)-r.place {
		return record{}, ErrRecord
	}
	if r.has(flagPlace) {
		r.value = r.doc[r.place : r.place+length : r.place+length]
	}
	return r, nil
}

// consistent reports whether the flags are such that can occur together.
func (r *record) consistent() bool {
	switch {
	case r.flags&^knownFlags != 0, r.has(flagValue) && r.has(flagPlace):
		return false
	case !r.has(flagWhole):
		return !r.has(flagDeleted | flagPlace)
	}
	return r.has(flagDoc) || !r.has(flagPlace)
}

// parseEntity reads what there is of the entity.
func (r *record) parseEntity(p *parser) {
	whole := r.has(flagWhole)
	if r.has(flagMeta) {
		if !whole {
			r.metaSplice = p.splice()
		}
		r.meta = p.text()
	}
	if r.has(flagDoc) {
		if !whole {
			r.docSplice = p.splice()
		}
		r.doc, p.rest = p.rest, nil
	}
	p.failed = p.failed || len(p.rest) > 0
}

// parser takes bytes apart. After the first thing that does not fit it stays
// failed and returns zeros.
type parser struct {
	rest   []byte
	failed bool
}

// length reads a number of bytes that something in this record or its entity
// has.
func (p *parser) length() int {
	x, n := binary.Uvarint(p.rest)
	if n <= 0 || x > math.MaxInt32 {
		p.fail()
		return 0
	}
	p.rest = p.rest[n:]
	return int(x)
}

func (p *parser) text() []byte {
	n := p.length()
	if n > len(p.rest) {
		p.fail()
		return nil
	}
	text := p.rest[:n:n]
	p.rest = p.rest[n:]
	return text
}

func (p *parser) splice() splice { return splice{prefix: p.length(), suffix: p.length()} }

func (p *parser) time() time.Time {
	seconds, n := binary.Varint(p.rest)
	if n <= 0 {
		p.fail()
		return time.Time{}
	}
	p.rest = p.rest[n:]
	nanoseconds := p.length()
	if nanoseconds >= int(time.Second) {
		p.fail()
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanoseconds)).UTC()
}

func (p *parser) fail() { p.rest, p.failed = nil, true }
