package pebble

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/twinway/twinway/internal/gateway/store"
)

// The tables of the store, the first byte of every key.
const (
	tableState   = 1
	tableHistory = 2
)

const (
	idTerminator = 0
	revisionSize = 8
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

func appendStateKey(dst []byte, k store.Key) []byte {
	return appendEntity(dst, tableState, k)
}

func appendHistoryKey(dst []byte, k store.Key, revision int64) []byte {
	return binary.BigEndian.AppendUint64(appendEntity(dst, tableHistory, k), uint64(revision))
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
