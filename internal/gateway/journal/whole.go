package journal

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// versionWhole is the first byte of a record that holds the whole entity.
const versionWhole = 2

// ErrRecord says that a record does not hold what is looked for in it.
var ErrRecord = errors.New("journal: unreadable record")

// AppendWhole appends the record of an event together with the entity after
// it, of which it was a part:
//
//	version  1 byte
//	action   1 byte: c, m, d
//	path     its length as a varint, its text
//	created  when the entity was created: seconds as a varint, nanoseconds as
//	         another; absent like what follows if the entity was deleted
//	entity   its JSON, to the end
//
// The value of the event is what the entity has at the path. For entities that
// change seldom this makes every state of the past readable at once.
func AppendWhole(dst []byte, action protocol.Action, at protocol.Path, created time.Time, doc []byte) []byte {
	path := at.String()
	dst = slices.Grow(dst, 2+3*binary.MaxVarintLen64+len(path)+len(doc))
	dst = append(dst, versionWhole, actions[action])
	dst = binary.AppendUvarint(dst, uint64(len(path)))
	dst = append(dst, path...)
	if len(doc) == 0 {
		return dst
	}
	dst = binary.AppendVarint(dst, created.Unix())
	dst = binary.AppendUvarint(dst, uint64(created.Nanosecond()))
	return append(dst, doc...)
}

// Whole returns the entity after an event that AppendWhole has recorded, nil
// if it was deleted, and when it was created. The entity aliases the record.
func Whole(record []byte) (created time.Time, doc []byte, err error) {
	if len(record) < 2 || record[0] != versionWhole {
		return time.Time{}, nil, ErrRecord
	}
	rest := record[2:]
	length, n := binary.Uvarint(rest)
	if n <= 0 || length > uint64(len(rest)-n) {
		return time.Time{}, nil, ErrRecord
	}
	rest = rest[uint64(n)+length:]
	if len(rest) == 0 {
		return time.Time{}, nil, nil
	}
	seconds, n := binary.Varint(rest)
	if n <= 0 {
		return time.Time{}, nil, ErrRecord
	}
	rest = rest[n:]
	nanoseconds, n := binary.Uvarint(rest)
	if n <= 0 || nanoseconds >= uint64(time.Second) || n == len(rest) {
		return time.Time{}, nil, ErrRecord
	}
	return time.Unix(seconds, int64(nanoseconds)).UTC(), rest[n:], nil
}
