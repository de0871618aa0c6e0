package history_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
)

// BenchmarkAt reads a state of a thing of 2 KB that changed ten thousand times:
// one that is kept whole, one that is furthest from that, and as of a time.
func BenchmarkAt(b *testing.B) {
	w, key := changedOften(b, -1)
	current := w.current(key)
	for _, revision := range []int64{1, 16, 5009, 5024, 9985, 10_000} {
		b.Run(fmt.Sprint("revision=", revision), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.reader.At(key, revision); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("as of", func(b *testing.B) {
		at := w.past[key][5000].record.Modified
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.reader.AsOf(key, at, current); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkModify changes a number in things of 2 KB, 64 at once, with the
// records of a history that knows all states, and with records that only say
// what was told. One operation is one change.
func BenchmarkModify(b *testing.B) {
	payloads := map[string]func(value []byte, before, after *store.Record) []byte{
		"states": func(value []byte, before, after *store.Record) []byte {
			return journal.AppendChange(nil, protocol.Modified, part, value, before, after)
		},
		"told": func(value []byte, _, _ *store.Record) []byte {
			return append(append([]byte("\x01m"), part.String()...), value...)
		},
	}
	for _, name := range []string{"states", "told"} {
		b.Run(name, func(b *testing.B) { benchmarkModify(b, payloads[name]) })
	}
}

func benchmarkModify(b *testing.B, payload func(value []byte, before, after *store.Record) []byte) {
	s, err := pebble.Open(pebble.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var current [640]*store.Record
	var docs [1000][]byte
	for n := range docs {
		docs[n] = document2K(n * 7919)
	}
	batch := make([]store.Append, 64)
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += len(batch) {
		for i := range batch {
			thing := (n + i) % len(current)
			before := current[thing]
			after := &store.Record{Revision: 1, Created: epoch, Modified: epoch.Add(time.Duration(n)), Doc: docs[(n+i)%len(docs)]}
			if before != nil {
				after.Revision = before.Revision + 1
			}
			current[thing] = after
			batch[i] = store.Append{
				Key: thingKey(fmt.Sprint(thing)), Expected: after.Revision - 1, Record: *after,
				Event: store.Event{Revision: after.Revision, Time: after.Modified, Payload: payload(fmt.Append(nil, n), before, after)},
			}
		}
		commit, err := s.Apply(batch)
		if err == nil {
			err = commit.Wait()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
