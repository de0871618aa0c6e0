package finder

import (
	"bytes"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// shelf is a Source in memory.
type shelf struct {
	keys    [][]byte
	records map[string]store.Record
	things  int64 // what it says of their number; 0: the truth
	loads   int
	lacking map[string][]string
	forgets bool // learns too much
}

func newShelf() *shelf { return &shelf{records: map[string]store.Record{}} }

var created = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// put adds a thing.
func (s *shelf) put(t testing.TB, id, doc, meta string, modified time.Duration) {
	t.Helper()
	record := store.Record{Revision: int64(len(s.records)%7 + 1), Created: created, Modified: created.Add(modified), Doc: canonical(t, doc)}
	if meta != "" {
		record.Meta = canonical(t, meta)
	}
	s.records[id] = record
	_, entries := index.Changes(index.Thing{}, index.Thing{Doc: record.Doc, Meta: record.Meta, Created: record.Created, Modified: record.Modified})
	for _, e := range entries {
		s.keys = append(s.keys, append(bytes.Clone(e), id...))
	}
}

// ready puts the keys in order.
func (s *shelf) ready() *shelf {
	slices.SortFunc(s.keys, bytes.Compare)
	return s
}

func canonical(t testing.TB, text string) []byte {
	t.Helper()
	doc, err := document.Canonical([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

// Things implements Source.
func (s *shelf) Things() int64 {
	if s.things != 0 {
		return s.things
	}
	return int64(len(s.records))
}

// Load implements Source.
func (s *shelf) Load(id string) (store.Record, error) {
	s.loads++
	r, ok := s.records[id]
	if !ok {
		return r, store.ErrNotFound
	}
	return r, nil
}

// Keys implements Source.
func (s *shelf) Keys(lower, upper []byte) (store.Keys, error) {
	from, to := s.search(lower), len(s.keys)
	if upper != nil {
		to = s.search(upper)
	}
	return &finger{keys: s.keys[from:max(from, to)], at: -1}, nil
}

func (s *shelf) search(key []byte) int {
	return sort.Search(len(s.keys), func(i int) bool { return bytes.Compare(s.keys[i], key) >= 0 })
}

// finger goes through keys in memory. It implements store.Keys.
type finger struct {
	keys [][]byte
	at   int
}

func (f *finger) SeekGE(key []byte) bool {
	f.at = sort.Search(len(f.keys), func(i int) bool { return bytes.Compare(f.keys[i], key) >= 0 })
	return f.valid()
}

func (f *finger) SeekLT(key []byte) bool {
	f.SeekGE(key)
	return f.Prev()
}

func (f *finger) Next() bool  { f.at++; return f.valid() }
func (f *finger) Prev() bool  { f.at--; return f.valid() }
func (f *finger) valid() bool { return f.at >= 0 && f.at < len(f.keys) }
func (f *finger) Key() []byte { return f.keys[f.at] }
func (*finger) Close() error  { return nil }
func (*finger) Error() error  { return nil }
func (f *finger) First() bool { f.at = 0; return f.valid() }
func (f *finger) Last() bool  { f.at = len(f.keys) - 1; return f.valid() }

// Lacking implements Source.
func (s *shelf) Lacking(property index.Range) ([]string, Knowledge) {
	ids, known := s.lacking[string(property.Lower)]
	switch {
	case !known:
		return nil, Unknown
	case ids == nil:
		return nil, TooMany
	}
	return ids, Known
}

// Learn implements Source. It may know more than it needs to.
func (s *shelf) Learn(property index.Range, lacking []string, known Knowledge) {
	if s.lacking == nil {
		s.lacking = map[string][]string{}
	}
	if known == TooMany {
		s.lacking[string(property.Lower)] = nil
		return
	}
	lacking = append([]string{}, lacking...)
	for id := range s.records {
		if s.forgets && len(id)%2 == 0 && !slices.Contains(lacking, id) {
			lacking = append(lacking, id)
		}
	}
	slices.Sort(lacking)
	s.lacking[string(property.Lower)] = lacking
}
