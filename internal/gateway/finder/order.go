package finder

import (
	"bytes"
	"cmp"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/store"
)

// order is by what things are sorted, before their ids.
type order []by

// by is one property.
type by struct {
	query.Key
	entries index.Order // of those that have entries
	indexed bool        // the index has things in the order
}

// newOrder returns the order of some keys, in an index by some rules. What comes behind the id makes no difference.
func newOrder(keys []query.Key, indexed index.Rules) (o order) {
	for _, k := range keys {
		if k.Property == query.ByID && !k.Descending {
			break // that is what comes last anyway
		}
		b := by{Key: k, entries: index.NewOrder(k.Property, k.Descending)}
		b.indexed = b.isID() || k.Property != namespace && k.Property != revision && b.entries.Indexed(indexed)
		o = append(o, b)
		if k.Property == query.ByID {
			break
		}
	}
	return o
}

const (
	namespace = "namespace"
	revision  = "_revision"
)

func (b *by) isID() bool { return b.Property == query.ByID }

// walkable reports whether the index has things in the order.
func (o order) walkable() bool {
	return len(o) == 0 || o[0].indexed
}

// found is a thing that was found, with what it is sorted by.
type found struct {
	id   string
	keys [][]byte // nil for what it lacks
}

// keys returns by what a thing is sorted.
func (o order) keys(id string, r *store.Record) [][]byte {
	if len(o) == 0 {
		return nil
	}
	t := index.Thing{Doc: r.Doc, Meta: r.Meta, Created: r.Created, Modified: r.Modified}
	keys := make([][]byte, len(o))
	for i := range o {
		switch b := &o[i]; b.Property {
		case query.ByID:
			keys[i] = []byte(id)
		case namespace:
			keys[i] = []byte(namespaceOf(id))
		case revision:
			keys[i] = index.Value(strconv.AppendInt(nil, r.Revision, 10))
		default:
			keys[i] = b.entries.Key(&t)
		}
	}
	return keys
}

// compare tells which of two things comes first.
func (o order) compare(a, b *found) int {
	for i := range o {
		if c := compareKeys(a.keys[i], b.keys[i]); c != 0 {
			if o[i].Descending {
				return -c
			}
			return c
		}
	}
	return cmp.Compare(a.id, b.id)
}

// compareKeys compares what things are sorted by. Protocol rule: what is missing comes first.
func compareKeys(a, b []byte) int {
	if a == nil || b == nil {
		return cmp.Compare(presence(a), presence(b))
	}
	return bytes.Compare(a, b)
}

func presence(key []byte) int {
	if key == nil {
		return 0
	}
	return 1
}
