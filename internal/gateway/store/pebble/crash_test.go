package pebble

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/store"
)

var (
	crashSeed = flag.Uint64("crash.seed", 0, "seed of the crash test, 0 for a random one")
	crashCuts = flag.Int("crash.cuts", 2000, "how many crashes the crash test simulates")
)

// The crash test's workload. Writers have entities of their own and apply
// batches to them, waiting for some later.
const (
	crashWriters  = 4
	crashKeys     = 24 // key i belongs to writer i % crashWriters
	crashBatches  = 40 // per writer and round
	crashHistory  = 20
	crashInFlight = 3
)

// crashTime is when a revision came to be, a minute after the one before, in
// the time that the sweeper goes by.
func crashTime(revision int64) time.Time { return benchTime.Add(time.Duration(revision) * time.Minute) }

// crashAge is how old events become; as old are ends of histories when they go.
const (
	crashAge   = 1
	crashQuiet = int64(sweepQuiet / time.Minute)
)

// TestCrash runs a workload on a file system in memory that knows what has
// been synced. Before operations on it chosen at random, while the store is
// being opened, used, flushed, compacted and closed, it clones what would be
// there after a power loss at that moment: everything synced, and of the rest
// any part, in blocks of 4 KiB. Each clone is opened and compared with what
// was acknowledged before and submitted at all. One of them is where the next
// round goes on. Goroutines make runs with the same seed differ in detail.
func TestCrash(t *testing.T) {
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed: -crash.seed=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	base, content := vfs.NewCrashableMem(), &crashContent{}
	cuts, swept := 0, int64(0)
	for round := 0; cuts < *crashCuts && !t.Failed(); round++ {
		r := &crashRound{fs: base, content: content, rules: crashRules[round/2%len(crashRules)], rng: rand.New(rand.NewPCG(seed, rng.Uint64()))}
		r.run(t, seed, round)
		r.verify(t)
		cuts += len(r.cuts)
		swept += r.swept.Load()
		if len(r.cuts) > 0 {
			next := r.cuts[rng.IntN(len(r.cuts))]
			base, content = next.fs, content.truncate(next.found)
		}
	}
	t.Logf("%d crashes, %d events swept", cuts, swept)
	if swept == 0 && *crashCuts >= 1000 {
		t.Error("nothing was swept")
	}
}

// crashContent is what was submitted: for every key and revision a number that
// the contents are made from. What time it was at most tells what may have been
// swept.
type crashContent struct {
	keys [crashKeys][]uint64
	now  int64 // as a revision
}

func (c *crashContent) truncate(found [crashKeys]int64) *crashContent {
	t := crashContent{now: c.now}
	for k, revision := range found {
		t.keys[k] = c.keys[k][:revision:revision]
	}
	return &t
}

func crashKey(k int) store.Key {
	return store.Key{Kind: store.Thing, ID: fmt.Sprintf("crash:%d", k)}
}

// crashAppend makes the contents of a revision from its number.
func crashAppend(k int, revision int64, number uint64) store.Append {
	rng := rand.New(rand.NewPCG(number, 0))
	size := rng.IntN(1500)
	if rng.IntN(50) == 0 {
		size = 40_000 // more than a block of the log
	}
	text := fmt.Sprintf("%d@%d %d ", k, revision, number)
	a := store.Append{
		Key:      crashKey(k),
		Expected: revision - 1,
		Record:   store.Record{Revision: revision, Created: benchTime, Modified: benchTime, Deleted: number%7 == 0},
		Event:    store.Event{Revision: revision, Time: crashTime(revision), Payload: []byte("event " + text)},
	}
	if number%3 == 0 {
		a.Record.Meta = []byte("meta " + text)
	}
	if due := number % 8; due < 5 { // few times, so that some changes keep it
		a.Record.Due = benchTime.Add(time.Duration(due) * time.Second)
	}
	a.Record.Doc = []byte(text + strings.Repeat(text, size/len(text)))
	return a
}

// crashRules are rules by which the index is made, in turn.
var crashRules = []string{"some", "other", ""}

// crashIndex returns the entries by which a thing is found: its contents say
// which. Entries change with the rules, but for the first one.
func crashIndex(rules string) func(store.Record) [][]byte {
	return func(r store.Record) (entries [][]byte) {
		fields := strings.Fields(string(r.Doc[:min(len(r.Doc), 100)]))
		entries = append(entries, []byte("there="))
		number, _ := strconv.ParseUint(fields[1], 10, 64)
		for i := range number % 4 { // some of which come and go
			entries = append(entries, fmt.Appendf(nil, "%s/%d=", rules, number>>(2+4*i)%4))
		}
		entries = append(entries, fmt.Appendf(nil, "%s/at=%s=", rules, fields[0]))
		slices.SortFunc(entries, bytes.Compare)
		return slices.CompactFunc(entries, bytes.Equal)
	}
}

// indexed adds to the append of a revision what it does to the index.
func (r *crashRound) indexed(a store.Append, before *store.Append) store.Append {
	index := crashIndex(r.rules)
	if before != nil && !before.Record.Deleted {
		a.Index.Remove = index(before.Record)
	}
	if !a.Record.Deleted {
		a.Index.Add = index(a.Record)
	}
	a.Index.Remove, a.Index.Add = without(a.Index.Remove, a.Index.Add), without(a.Index.Add, a.Index.Remove)
	return a
}

// without returns the entries that are not among others.
func without(entries, others [][]byte) (left [][]byte) {
	for _, entry := range entries {
		if !slices.ContainsFunc(others, func(other []byte) bool { return bytes.Equal(entry, other) }) {
			left = append(left, entry)
		}
	}
	return left
}

// crashBatch is a batch of one writer.
type crashBatch []struct {
	key      int
	revision int64
}

// crashCut is a simulated crash.
type crashCut struct {
	fs           *vfs.MemFS
	unsynced     int // percent of what was not synced that is there nevertheless
	operation    errorfs.Op
	acknowledged [crashWriters]int64 // batches, before the crash
	found        [crashKeys]int64    // revisions, after it
}

// crashRound is a run from opening a store to closing it.
type crashRound struct {
	fs           *vfs.MemFS
	content      *crashContent
	rules        string // of the index
	batches      [crashWriters][]crashBatch
	acknowledged [crashWriters]atomic.Int64

	sweeps, swept atomic.Int64 // looks at the age, events deleted

	mu   sync.Mutex
	rng  *rand.Rand
	cuts []*crashCut
}

// MaybeError makes a cut, sometimes; it never makes errors.
func (r *crashRound) MaybeError(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() != errorfs.OpIsWrite {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rng.IntN(12) != 0 {
		return nil
	}
	cut := &crashCut{operation: op, unsynced: []int{0, 100, 50, r.rng.IntN(101)}[r.rng.IntN(4)]}
	for w := range cut.acknowledged {
		cut.acknowledged[w] = r.acknowledged[w].Load()
	}
	cut.fs = r.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: cut.unsynced, RNG: r.rng})
	r.cuts = append(r.cuts, cut)
	return nil
}

func (r *crashRound) String() string { return "cut" }

// crashFS is a MemFS that can reuse files while it is cloned. MemFS itself
// locks the same lock twice for that, which blocks for ever if a clone waits
// for it in between.
type crashFS struct{ *vfs.MemFS }

// ReuseForWrite implements vfs.FS.
func (fs crashFS) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if err := fs.Rename(oldname, newname); err != nil {
		return nil, err
	}
	return fs.OpenReadWrite(newname, category)
}

func (r *crashRound) options(fs vfs.FS) Options {
	return Options{
		Dir: "/data/store", FS: fs, CacheSize: 1, HistoryMaxRecords: func() int { return crashHistory },
		IndexRules: r.rules, Index: crashIndex(r.rules),
	}
}

// sweeping has a store sweep all the time, at a time when some of what there
// is and comes is old.
func (r *crashRound) sweeping(o Options, rng *rand.Rand) Options {
	longest := 0
	for _, numbers := range r.content.keys {
		longest = max(longest, len(numbers))
	}
	now := rng.Int64N(int64(longest) + crashQuiet)
	r.content.now = max(r.content.now, now)
	o.Clock = func() time.Time { return crashTime(now) }
	// An age that has changed does not wait.
	o.HistoryMaxAge = func() time.Duration { return crashAge*time.Minute + time.Duration(r.sweeps.Add(1)) }
	o.Sleep = func(ctx context.Context, _ time.Duration) error { return sleep(ctx, time.Millisecond) }
	o.OnSweep = func(events int) { r.swept.Add(int64(events)) }
	return o
}

func (r *crashRound) run(t *testing.T, seed uint64, round int) {
	s := mustOpen(t, r.sweeping(r.options(errorfs.Wrap(crashFS{r.fs}, r)), rand.New(rand.NewPCG(seed, uint64(round)))))
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			if err := r.write(s, w, rand.New(rand.NewPCG(seed, uint64(round*crashWriters+w)))); err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	wg.Wait()
	for seen := r.sweeps.Load(); r.sweeps.Load() < seen+3; { // a step of a pass has begun and ended since
		time.Sleep(time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func (r *crashRound) write(s *Store, w int, rng *rand.Rand) error {
	var waiting []store.Commit
	for range crashBatches {
		commit, err := s.Apply(r.nextBatch(w, rng))
		if err != nil {
			return err
		}
		waiting = append(waiting, commit)
		for len(waiting) > 0 && (len(waiting) > crashInFlight || rng.IntN(2) == 0) {
			if err := waiting[0].Wait(); err != nil {
				return err
			}
			r.acknowledged[w].Add(1)
			waiting = waiting[1:]
		}
	}
	return nil // Close waits for the rest
}

// nextBatch makes up a batch for keys of a writer, and notes it.
func (r *crashRound) nextBatch(w int, rng *rand.Rand) []store.Append {
	var batch []store.Append
	var noted crashBatch
	for range 1 + rng.IntN(6) {
		k := w + crashWriters*rng.IntN(crashKeys/crashWriters)
		number := rng.Uint64()
		r.content.keys[k] = append(r.content.keys[k], number)
		revision := int64(len(r.content.keys[k]))
		var before *store.Append
		if revision > 1 {
			a := crashAppend(k, revision-1, r.content.keys[k][revision-2])
			before = &a
		}
		batch = append(batch, r.indexed(crashAppend(k, revision, number), before))
		noted = append(noted, struct {
			key      int
			revision int64
		}{k, revision})
	}
	r.batches[w] = append(r.batches[w], noted)
	return batch
}

// verify opens all clones.
func (r *crashRound) verify(t *testing.T) {
	var wg sync.WaitGroup
	work := make(chan *crashCut)
	for range 2 {
		wg.Go(func() {
			for cut := range work {
				if err := r.verifyCut(cut); err != nil {
					t.Errorf("crash before %v of %s, %d%% unsynced: %v", cut.operation.Kind, cut.operation.Path, cut.unsynced, err)
				}
			}
		})
	}
	for _, cut := range r.cuts {
		work <- cut
	}
	close(work)
	wg.Wait()
}

func (r *crashRound) verifyCut(cut *crashCut) error {
	s, err := Open(r.options(cut.fs))
	if err != nil {
		return err
	}
	for k := range crashKeys {
		if cut.found[k], err = r.verifyKey(s, k); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	return errors.Join(r.verifyBatches(cut), r.verifyDue(s, cut), verifyIndex(s, crashIndex(r.rules)), s.Close())
}

// verifyDue checks that what is due is what the records that were found say,
// and nothing else.
func (r *crashRound) verifyDue(s *Store, cut *crashCut) error {
	want, got := map[store.Key]time.Time{}, map[store.Key]time.Time{}
	for k, revision := range cut.found {
		if revision == 0 {
			continue
		}
		if record := crashAppend(k, revision, r.content.keys[k][revision-1]).Record; !record.Due.IsZero() {
			want[crashKey(k)] = record.Due
		}
	}
	told := 0
	err := s.Due(time.Time{}, benchTime.Add(time.Hour), 1000, func(key store.Key, due time.Time) bool {
		got[key] = due
		told++
		return true
	})
	if diff := cmp.Diff(want, got); err == nil && (diff != "" || told != len(want)) {
		err = fmt.Errorf("%d due (-want +got):\n%s", told, diff)
	}
	return err
}

// verifyKey checks that what is there of a key is what was submitted, up to
// some revision, which it returns.
func (r *crashRound) verifyKey(s *Store, k int) (int64, error) {
	record, err := s.Load(crashKey(k))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	if record.Revision > int64(len(r.content.keys[k])) {
		return 0, fmt.Errorf("key %d is at revision %d, %d were submitted", k, record.Revision, len(r.content.keys[k]))
	}
	if record.Revision > 0 {
		want := crashAppend(k, record.Revision, r.content.keys[k][record.Revision-1]).Record
		if !bytes.Equal(record.Doc, want.Doc) || !bytes.Equal(record.Meta, want.Meta) || record.Deleted != want.Deleted || record.Due != want.Due {
			return 0, fmt.Errorf("key %d, revision %d: document %.40q, want %.40q", k, record.Revision, record.Doc, want.Doc)
		}
	}
	next := int64(0)
	err = s.History(crashKey(k), 1, 1<<60, func(e store.Event) bool {
		if next == 0 {
			if next, err = e.Revision, r.content.verifyFirst(e.Revision, record.Revision); err != nil {
				return false
			}
		}
		if e.Revision > record.Revision || e.Revision != next {
			err = fmt.Errorf("event %d where %d was expected", e.Revision, next)
			return false
		}
		if want := crashAppend(k, e.Revision, r.content.keys[k][e.Revision-1]).Event.Payload; !bytes.Equal(e.Payload, want) {
			err = fmt.Errorf("event %d is %q, want %q", e.Revision, e.Payload, want)
			return false
		}
		next++
		return true
	})
	if next == 0 && err == nil {
		next = record.Revision + 1
		err = r.content.verifyFirst(next, record.Revision)
	}
	if err == nil && next != record.Revision+1 {
		err = fmt.Errorf("events end before %d", next)
	}
	if err != nil {
		return 0, fmt.Errorf("history of key %d at revision %d: %w", k, record.Revision, err)
	}
	return record.Revision, nil
}

// verifyFirst checks that the history of an entity at a revision may begin with
// first: not before the run in which the limit of the count is, and after it
// only if what is missing is old.
func (c *crashContent) verifyFirst(first, revision int64) error {
	counted := runBegin(max(revision-crashHistory, 0) + 1)
	swept := c.now - crashAge
	if first%store.HistoryRun != 1 {
		swept = c.now - crashQuiet
	}
	switch {
	case first < counted:
		return fmt.Errorf("event %d is still there", first)
	case first > counted && first-1 > swept:
		return fmt.Errorf("event %d is not there any more", first-1)
	}
	return nil
}

// verifyBatches checks that every batch is there or not as a whole, that those
// of a writer are there up to some point, and that this is not before what was
// acknowledged.
func (r *crashRound) verifyBatches(cut *crashCut) error {
	for w, batches := range r.batches {
		there := int64(0)
		for i, batch := range batches {
			n := 0
			for _, a := range batch {
				if cut.found[a.key] >= a.revision {
					n++
				}
			}
			switch {
			case n > 0 && n < len(batch):
				return fmt.Errorf("writer %d, batch %d: %d of %d appends are there", w, i, n, len(batch))
			case n > 0 && there < int64(i):
				return fmt.Errorf("writer %d: batch %d is there, batch %d is not", w, i, there)
			case n > 0:
				there++
			}
		}
		if there < cut.acknowledged[w] {
			return fmt.Errorf("writer %d: %d batches are there, %d were acknowledged", w, there, cut.acknowledged[w])
		}
	}
	for k := range crashKeys {
		if first := r.firstRevision(k); cut.found[k] < first {
			return fmt.Errorf("key %d is at revision %d, was at %d before", k, cut.found[k], first)
		}
	}
	return nil
}

// firstRevision returns where a key was at the beginning of the round.
func (r *crashRound) firstRevision(k int) int64 {
	submitted := int64(0)
	for _, batch := range r.batches[k%crashWriters] {
		for _, a := range batch {
			if a.key == k {
				submitted++
			}
		}
	}
	return int64(len(r.content.keys[k])) - submitted
}
