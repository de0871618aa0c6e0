package pebble

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/store"
)

// The tables of the store, the first byte of every key.
const (
	tableState   = 1
	tableHistory = 2
	tableDue     = 3
	tableIndex   = 4
)

const (
	idTerminator = 0
	revisionSize = 8
	secondsSize  = 8
	dueTimeSize  = secondsSize + 4
	signBit      = 1 << 63
)

// checkKey refuses keys that the key layout cannot keep apart.
func checkKey(k store.Key) error {
	switch {
	case k.Kind == 0:
		return fmt.Errorf("%w: no kind", store.ErrInvalid)
	case k.ID == "":
		return fmt.Errorf("%w: empty id", store.ErrInvalid)
	case len(k.ID) > store.MaxIDLength:
		return fmt.Errorf("%w: id of %d bytes, at most %d are allowed", store.ErrInvalid, len(k.ID), store.MaxIDLength)
	case strings.IndexByte(k.ID, idTerminator) >= 0:
		return fmt.Errorf("%w: id contains NUL", store.ErrInvalid)
	}
	return nil
}

func stateKeySize(k store.Key) int   { return 2 + len(k.ID) + 1 }
func historyKeySize(k store.Key) int { return stateKeySize(k) + revisionSize }
func dueKeySize(k store.Key) int     { return 1 + dueTimeSize + 1 + len(k.ID) }

func indexKeySize(entry []byte, k store.Key) int { return 1 + len(entry) + len(k.ID) }

func appendIndexKey(dst, entry []byte, k store.Key) []byte {
	dst = append(append(dst, tableIndex), entry...)
	return append(dst, k.ID...)
}

func appendStateKey(dst []byte, k store.Key) []byte {
	return appendEntity(dst, tableState, k)
}

func appendHistoryKey(dst []byte, k store.Key, revision int64) []byte {
	return binary.BigEndian.AppendUint64(appendEntity(dst, tableHistory, k), uint64(revision))
}

// decodeStateKey returns the entity that a state is of. The id aliases k.
func decodeStateKey(k []byte) (kind store.Kind, id []byte, err error) {
	if len(k) < len("\x01\x01a\x00") || k[len(k)-1] != idTerminator {
		return 0, nil, errValue
	}
	return store.Kind(k[1]), k[2 : len(k)-1], nil
}

// decodeHistoryKey returns the part of an event's key that is its entity's,
// and the revision.
func decodeHistoryKey(k []byte) (entity []byte, revision int64, err error) {
	n := len(k) - revisionSize
	if n < len("\x02\x01a\x00") || k[n-1] != idTerminator {
		return nil, 0, errValue
	}
	if revision = int64(binary.BigEndian.Uint64(k[n:])); revision < 1 {
		return nil, 0, errValue
	}
	return k[:n], revision, nil
}

// appendHistoryEnd appends the first key after the events up to revision.
func appendHistoryEnd(dst []byte, k store.Key, revision int64) []byte {
	if revision < math.MaxInt64 {
		return appendHistoryKey(dst, k, revision+1)
	}
	dst = appendEntity(dst, tableHistory, k)
	dst[len(dst)-1] = idTerminator + 1
	return dst
}

func appendEntity(dst []byte, table byte, k store.Key) []byte {
	dst = append(dst, table, byte(k.Kind))
	dst = append(dst, k.ID...)
	return append(dst, idTerminator)
}

func appendDueKey(dst []byte, due time.Time, k store.Key) []byte {
	dst = appendDueTime(dst, due.Unix(), due.Nanosecond())
	dst = append(dst, byte(k.Kind))
	return append(dst, k.ID...)
}

// appendDueEnd appends the first key after everything that is due at until.
// The nanoseconds have room for one more than a second has.
func appendDueEnd(dst []byte, until time.Time) []byte {
	return appendDueTime(dst, until.Unix(), until.Nanosecond()+1)
}

// appendDueTime appends the beginning of a key. The sign is turned round, so
// that times before 1970 come first.
func appendDueTime(dst []byte, seconds int64, nanoseconds int) []byte {
	dst = append(dst, tableDue)
	dst = binary.BigEndian.AppendUint64(dst, uint64(seconds)^signBit)
	return binary.BigEndian.AppendUint32(dst, uint32(nanoseconds))
}

// decodeDueKey returns a key whose id is a copy of its own.
func decodeDueKey(k []byte) (due time.Time, key store.Key, err error) {
	const entity = 1 + dueTimeSize
	if len(k) < entity+2 {
		return time.Time{}, store.Key{}, errValue
	}
	seconds := binary.BigEndian.Uint64(k[1:]) ^ signBit
	nanoseconds := binary.BigEndian.Uint32(k[1+secondsSize:])
	if nanoseconds >= uint32(time.Second) {
		return time.Time{}, store.Key{}, errValue
	}
	key = store.Key{Kind: store.Kind(k[entity]), ID: string(k[entity+1:])}
	return time.Unix(int64(seconds), int64(nanoseconds)).UTC(), key, nil
}
