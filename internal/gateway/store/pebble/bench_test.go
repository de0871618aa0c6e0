package pebble

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// writers spreads b.N operations over goroutines; each has keys of its own.
func writers(b *testing.B, n int, write func(writer int, next func() bool)) {
	var done atomic.Int64
	next := func() bool { return done.Add(1) <= int64(b.N) }
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() { write(w, next) })
	}
	wg.Wait()
}

// thingsPerWriter is how many things a goroutine changes in turn.
const thingsPerWriter = 100

// BenchmarkApply measures Apply and Wait. One operation is one batch.
func BenchmarkApply(b *testing.B) {
	for _, size := range []int{500, 2000} {
		for _, batch := range []int{1, 64} {
			for _, n := range []int{1, 16, 128} {
				b.Run(fmt.Sprintf("size=%d/batch=%d/writers=%d", size, batch, n), func(b *testing.B) {
					b.Run("store", func(b *testing.B) { benchmarkStore(b, size, batch, n) })
					b.Run("bare", func(b *testing.B) { benchmarkBare(b, size, batch, n) })
				})
			}
		}
	}
}

func benchmarkStore(b *testing.B, size, batch, n int) {
	s := mustOpen(b, Options{Dir: b.TempDir()})
	defer s.Close()
	doc, payload := noise(size), noise(size/4)
	writers(b, n, func(w int, next func() bool) {
		keys := make([]store.Key, thingsPerWriter)
		for i := range keys {
			keys[i] = store.Key{Kind: store.Thing, ID: fmt.Sprintf("org.eclipse.ditto:test-thing-%d-%d", w, i)}
		}
		appends := make([]store.Append, batch)
		var revisions [thingsPerWriter]int64
		for i := 0; next(); {
			for j := range appends {
				at := i % thingsPerWriter
				appends[j] = store.Append{
					Key:      keys[at],
					Expected: revisions[at],
					Record:   store.Record{Revision: revisions[at] + 1, Created: benchTime, Modified: benchTime, Doc: doc},
					Event:    store.Event{Revision: revisions[at] + 1, Time: benchTime, Payload: payload},
				}
				revisions[at]++
				i++
			}
			commit, err := s.Apply(appends)
			if err == nil {
				err = commit.Wait()
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}

var benchTime = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// benchmarkBare does what the disk sees of benchmarkStore, with Pebble alone:
// the same settings, as many bytes, no deletions.
func benchmarkBare(b *testing.B, size, batch, n int) {
	p := Options{}.withDefaults().pebble()
	p.Logger = logger{slog: slog.New(slog.DiscardHandler)}
	db, err := pebbledb.Open(b.TempDir(), p)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	doc, payload := noise(size), noise(size/4)
	writers(b, n, func(w int, next func() bool) {
		for i := 0; next(); {
			wb := db.NewBatch()
			for range batch {
				_ = wb.Set(fmt.Appendf(nil, "s-org.eclipse.ditto:test-thing-%d-%d", w, i%thingsPerWriter), doc, nil)
				_ = wb.Set(fmt.Appendf(nil, "h-org.eclipse.ditto:test-thing-%d-%d-%d", w, i%thingsPerWriter, i), payload, nil)
				i++
			}
			if err := wb.Commit(pebbledb.Sync); err != nil {
				b.Error(err)
				return
			}
			_ = wb.Close()
		}
	})
}

// BenchmarkApplyPipelined measures one goroutine that applies the next batches
// while the last ones are on their way to the disk.
func BenchmarkApplyPipelined(b *testing.B) {
	s := mustOpen(b, Options{Dir: b.TempDir()})
	defer s.Close()
	doc := noise(500)
	commits := make(chan store.Commit, 100)
	var wg sync.WaitGroup
	wg.Go(func() {
		for c := range commits {
			if err := c.Wait(); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportAllocs()
	key := store.Key{Kind: store.Thing, ID: "a:b"}
	revision := int64(0)
	for b.Loop() {
		c, err := s.Apply([]store.Append{{
			Key: key, Expected: revision,
			Record: store.Record{Revision: revision + 1, Doc: doc},
			Event:  store.Event{Revision: revision + 1, Payload: doc[:125]},
		}})
		if err != nil {
			b.Fatal(err)
		}
		revision++
		commits <- c
	}
	close(commits)
	wg.Wait()
}

// BenchmarkLoad reads records that are in memory, of 10,000 things in tables.
func BenchmarkLoad(b *testing.B) {
	for _, size := range []int{500, 2000} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			const things = 10_000
			dir := b.TempDir()
			s := mustOpen(b, Options{Dir: dir})
			fillThings(b, s, things, size)
			if err := s.Close(); err != nil { // into tables
				b.Fatal(err)
			}
			s = mustOpen(b, Options{Dir: dir})
			defer s.Close()
			keys := make([]store.Key, things)
			for i := range keys {
				keys[i] = thingKey(i)
				if _, err := s.Load(keys[i]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			rng := rand.New(rand.NewPCG(1, 2))
			for b.Loop() {
				if _, err := s.Load(keys[rng.IntN(things)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHistory reads the last ten events of a thing.
func BenchmarkHistory(b *testing.B) {
	s := mustOpen(b, Options{Dir: b.TempDir()})
	defer s.Close()
	for r := range int64(200) {
		applyAll(b, s, change(thingKey(0), r+1, 500))
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if err := s.History(thingKey(0), 191, 200, func(store.Event) bool { n++; return true }); err != nil || n != 10 {
			b.Fatal(n, err)
		}
	}
}

func thingKey(i int) store.Key {
	return store.Key{Kind: store.Thing, ID: fmt.Sprintf("org.eclipse.ditto:test-thing-%d", i)}
}

// change is the append that brings a key to a revision.
func change(key store.Key, revision int64, size int) store.Append {
	return store.Append{
		Key:      key,
		Expected: revision - 1,
		Record:   store.Record{Revision: revision, Created: benchTime, Modified: benchTime, Doc: noise(size)},
		Event:    store.Event{Revision: revision, Time: benchTime, Payload: noise(size / 4)},
	}
}

func fillThings(tb testing.TB, s *Store, things, size int) {
	tb.Helper()
	for i := 0; i < things; i += 100 {
		var batch []store.Append
		for j := i; j < min(i+100, things); j++ {
			batch = append(batch, change(thingKey(j), 1, size))
		}
		applyAll(tb, s, batch...)
	}
}

func applyAll(tb testing.TB, s store.Store, batch ...store.Append) {
	tb.Helper()
	commit, err := s.Apply(batch)
	if err == nil {
		err = commit.Wait()
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// noise returns text that compresses about as well as JSON does.
func noise(n int) []byte {
	b := make([]byte, 0, n+64)
	for len(b) < n {
		b = fmt.Appendf(b, `{"property-%d":%d,"text":"some words"},`, rand.IntN(100), rand.Uint32())
	}
	return b[:n]
}

// BenchmarkDue asks what is due next and finds nothing, after as many entities
// as the name says have been moved from earlier to later.
func BenchmarkDue(b *testing.B) {
	for _, moved := range []int{0, 1000, 100_000} {
		b.Run(fmt.Sprintf("moved=%d", moved), func(b *testing.B) {
			s := mustOpen(b, Options{Dir: b.TempDir()})
			defer s.Close()
			for r := range int64(2) {
				for i := 0; i < moved; i += 1000 {
					var batch []store.Append
					for j := i; j < i+1000; j++ {
						a := change(thingKey(j), r+1, 100)
						a.Record.Due = benchTime.Add(time.Duration(r)*time.Hour + time.Duration(j))
						batch = append(batch, a)
					}
					applyAll(b, s, batch...)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				err := s.Due(time.Time{}, benchTime.Add(time.Minute), 1, func(store.Key, time.Time) bool { return true })
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
