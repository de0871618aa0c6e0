package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// found is change with what it does to the index. Entries are separated by
// blanks.
func found(key store.Key, revision int64, remove, add string) store.Append {
	entries := func(texts string) (list [][]byte) {
		for text := range strings.FieldsSeq(texts) {
			list = append(list, []byte(text+"="))
		}
		return list
	}
	a := change(key, revision, 100)
	a.Index = store.IndexChange{Remove: entries(remove), Add: entries(add)}
	return a
}

// indexKeys returns all keys of the index.
func indexKeys(s *Store) (all []string, err error) {
	v, err := s.Snapshot()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	k, err := v.Keys(nil, nil)
	if err != nil {
		return nil, err
	}
	for ok := k.First(); ok; ok = k.Next() {
		all = append(all, string(k.Key()))
	}
	return all, errors.Join(k.Error(), k.Close())
}

// verifyIndex checks that the index is that of the states, extracted anew.
func verifyIndex(s *Store, index func(store.Record) [][]byte) error {
	it, err := s.db.NewIter(&pebbledb.IterOptions{LowerBound: []byte{tableState}, UpperBound: []byte{tableState + 1}})
	if err != nil {
		return err
	}
	var want []string
	for ok := it.First(); ok; ok = it.Next() {
		kind, id, err := decodeStateKey(it.Key())
		if err != nil {
			return errors.Join(err, it.Close())
		}
		record, err := decodeState(bytes.Clone(it.Value()))
		if err != nil {
			return errors.Join(err, it.Close())
		}
		if kind != store.Thing || record.Deleted {
			continue
		}
		for _, entry := range index(record) {
			want = append(want, string(entry)+string(id))
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	got, err := indexKeys(s)
	if err = errors.Join(err, it.Close()); err != nil {
		return err
	}
	if !slices.Equal(want, got) {
		return fmt.Errorf("the index is %d keys, want %d:\n got %.500q\nwant %.500q", len(got), len(want), got, want)
	}
	return nil
}
