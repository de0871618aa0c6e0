package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/store"
)

// revisions returns which events of a thing are kept.
func revisions(t *testing.T, s *Store, key store.Key) []int64 {
	t.Helper()
	got := []int64{}
	if err := s.History(key, 1, math.MaxInt64, func(e store.Event) bool { got = append(got, e.Revision); return true }); err != nil {
		t.Fatal(err)
	}
	return got
}

func numbers(from, to int64) []int64 {
	n := []int64{}
	for ; from <= to; from++ {
		n = append(n, from)
	}
	return n
}

// The stripes remember a bounded number of entities, more with a larger cache,
// and forgetting does no harm.
func TestManyEntities(t *testing.T) {
	s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem(), CacheSize: 64 << 20})
	defer s.Close()
	limit := s.options.stripeHeads()
	things := stripeCount*limit + 5000
	for r := range int64(2) {
		for i := 0; i < things; i += 500 {
			var batch []store.Append
			for j := i; j < min(i+500, things); j++ {
				batch = append(batch, change(thingKey(j), r+1, 10))
			}
			applyAll(t, s, batch...)
		}
	}
	for i := range s.stripes.all {
		if n := len(s.stripes.all[i].heads); n > limit || n <= minStripeHeads {
			t.Errorf("stripe %d remembers %d entities", i, n)
		}
	}
}

// What is remembered does not keep alive what an id was cut out of.
func TestRememberedIDs(t *testing.T) {
	s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem()})
	defer s.Close()
	frame := string(noise(1000))
	key := store.Key{Kind: store.Thing, ID: frame[:20]}
	applyAll(t, s, change(key, 1, 10), change(key, 2, 10))
	for k := range s.stripes.of(key).heads {
		if unsafe.StringData(k.ID) == unsafe.StringData(frame) {
			t.Error("the id has not been copied")
		}
	}
}

func TestBatchTooLarge(t *testing.T) {
	var info CommitInfo
	s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem(), CacheSize: 64 << 20, OnCommit: func(i CommitInfo) { info = i }})
	defer s.Close()
	large := make([]byte, 16<<20)
	var batch []store.Append
	for r := range int64(maxBatchBytes / len(large)) {
		a := change(thingKey(1), r+1, 10)
		a.Record.Doc, a.Record.Meta = large[:len(large)/2], large[len(large)/2:]
		batch = append(batch, a)
	}
	if _, err := s.Apply(batch); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("Apply: %v, want ErrInvalid", err)
	}
	// Larger than a table of writes, but allowed.
	applyAll(t, s, batch[:2]...)
	if r, err := s.Load(thingKey(1)); err != nil || len(r.Doc)+len(r.Meta) != len(large) {
		t.Errorf("%d bytes, error %v", len(r.Doc), err)
	}
	if info.Appends != 2 || info.Bytes < 2*len(large) {
		t.Errorf("commit: %+v", info)
	}
}

func TestMetrics(t *testing.T) {
	var infos []CommitInfo
	s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem(), OnCommit: func(i CommitInfo) { infos = append(infos, i) }})
	defer s.Close()
	applyAll(t, s, change(thingKey(1), 1, 1000), change(thingKey(2), 1, 1000))
	applyAll(t, s, change(thingKey(1), 2, 1000))
	if _, err := s.Apply([]store.Append{change(thingKey(1), 2, 10)}); !errors.Is(err, store.ErrConflict) {
		t.Error(err)
	}
	applyAll(t, s)
	if len(infos) != 2 || infos[0].Appends != 2 || infos[1].Appends != 1 {
		t.Fatalf("commits: %+v", infos)
	}
	for _, i := range infos {
		if i.Latency <= 0 || i.Bytes < i.Appends*1250 || i.Bytes > i.Appends*1450 {
			t.Errorf("commit: %+v", i)
		}
	}
	m := s.Metrics()
	if m.Batches != 2 || m.Appends != 3 || m.Bytes != uint64(infos[0].Bytes+infos[1].Bytes) || m.DiskBytes == 0 || m.MemoryBytes == 0 {
		t.Errorf("metrics: %+v", m)
	}
}

// The sizes that are reserved in batches are those that are filled.
func TestValueSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		at := time.Unix(rng.Int64()>>rng.IntN(64), rng.Int64N(1e9))
		r := store.Record{
			Revision: 1 + rng.Int64()>>rng.IntN(63), Deleted: rng.IntN(2) == 0, Created: at, Modified: at.Add(time.Hour).UTC(),
			Doc: noise(rng.IntN(300)),
		}
		if rng.IntN(2) == 0 {
			r.Meta = noise(rng.IntN(300))
		}
		if rng.IntN(2) == 0 {
			r.Due = time.Unix(rng.Int64()>>rng.IntN(64), rng.Int64N(1e9)).UTC()
		}
		h := head{revision: r.Revision, kept: rng.Int64N(r.Revision + 1), due: r.Due}
		v := appendState(nil, h, &r)
		if len(v) != stateSize(h, &r) {
			t.Fatalf("%d bytes, %d reserved: %+v", len(v), stateSize(h, &r), r)
		}
		if got, err := decodeHead(v); err != nil || got != h {
			t.Fatalf("head %+v, error %v, want %+v", got, err, h)
		}
		e := store.Event{Revision: 1, Time: at.UTC(), Payload: noise(rng.IntN(300))}
		v = appendEvent(nil, &e)
		if len(v) != eventSize(&e) {
			t.Fatalf("%d bytes, %d reserved: %+v", len(v), eventSize(&e), e)
		}
		if got, err := decodeEvent(v, 1); err != nil || !got.Time.Equal(at) || !bytes.Equal(got.Payload, e.Payload) {
			t.Fatalf("event %+v, error %v, want %+v", got, err, e)
		}
	}
}

// FuzzDecode decodes anything. What decodes is decoded the same again after
// encoding.
func FuzzDecode(f *testing.F) {
	r := change(thingKey(1), 300, 20).Record
	f.Add(appendState(nil, head{revision: 300, kept: 100}, &r))
	r.Due = benchTime
	f.Add(appendState(nil, head{revision: 300, kept: 100, due: r.Due}, &r))
	r.Meta = []byte(`{"a":1}`)
	f.Add(appendState(nil, head{revision: 300, kept: 100, due: r.Due}, &r))
	f.Add(appendHistoryKey(nil, thingKey(1), 300))
	f.Add(appendDueKey(nil, r.Due, thingKey(1)))
	f.Add([]byte{stateFormat})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, v []byte) {
		_, _ = decodeEvent(v, 1)
		_, _, _ = decodeDueKey(v)
		if entity, revision, err := decodeHistoryKey(v); err == nil && (len(entity)+revisionSize != len(v) || revision < 1) {
			t.Fatalf("key %q: entity %q, revision %d", v, entity, revision)
		}
		h, headErr := decodeHead(v)
		r, err := decodeState(v)
		if err != nil {
			return
		}
		if headErr != nil || h.revision != r.Revision || h.due != r.Due {
			t.Fatalf("head %+v, error %v, of a record with revision %d, due %v", h, headErr, r.Revision, r.Due)
		}
		again, err := decodeState(appendState(nil, h, &r))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzLog checks logs and manifests of any content.
func FuzzLog(f *testing.F) {
	f.Add([]byte{})
	f.Add(walChunk(7, 100))
	f.Add(append(walChunk(7, 100), walChunk(6, 100)...))
	f.Fuzz(func(t *testing.T, file []byte) {
		fs := vfs.NewMem()
		for name, check := range map[string]func(vfs.FS, string) error{"000007.log": checkLog, "MANIFEST-000001": checkManifest} {
			if err := writeSynced(fs, name, string(file)); err != nil {
				t.Fatal(err)
			}
			if err := check(fs, name); err != nil && !errors.Is(err, store.ErrCorrupt) {
				t.Fatal(fmt.Errorf("%s: %w", name, err))
			}
		}
	})
}
