package pebble

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

var errDisk = errors.New("the disk says no")

// diskFault lets changes to a file system fail: the one with a number, and all
// after it if dead. Files that cannot be removed or preallocated do no harm;
// those changes do not count.
type diskFault struct {
	number atomic.Int64
	dead   bool
	only   string // part of the names that count, or empty
	count  atomic.Int64
	hit    atomic.Bool
}

func newFault(number int64) *diskFault {
	f := &diskFault{}
	f.number.Store(number)
	return f
}

func (f *diskFault) MaybeError(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() != errorfs.OpIsWrite || op.Kind == errorfs.OpLock || !strings.Contains(op.Path, f.only) {
		return nil
	}
	if op.Kind == errorfs.OpRemove || op.Kind == errorfs.OpFilePreallocate {
		if f.dead && f.hit.Load() {
			return errDisk
		}
		return nil
	}
	n, number := f.count.Add(1), f.number.Load()
	if n == number || f.dead && n > number {
		f.hit.Store(true)
		return errDisk
	}
	return nil
}

func (f *diskFault) String() string { return "fault" }

// TestFailingDisk runs the workload of the crash test with changes to the
// directory failing one after the other, in every place there is. The store
// must fail, all calls must return, and what was acknowledged must be there.
func TestFailingDisk(t *testing.T) {
	for _, dead := range []bool{false, true} {
		t.Run(fmt.Sprintf("dead=%t", dead), func(t *testing.T) {
			failures := 0
			for number := int64(1); !t.Failed(); number += 1 + number/20 {
				fault := newFault(number)
				fault.dead = dead
				runFailing(t, fault)
				if !fault.hit.Load() {
					break // beyond the last change
				}
				failures++
			}
			if failures < 50 {
				t.Errorf("only %d failures", failures)
			}
		})
	}
}

func runFailing(t *testing.T, fault *diskFault) {
	t.Helper()
	r := &crashRound{fs: vfs.NewCrashableMem(), content: &crashContent{}}
	o := r.sweeping(r.options(errorfs.Wrap(r.fs, fault)), rand.New(rand.NewPCG(1, uint64(fault.number.Load()))))
	fatal := make(chan error, 2)
	o.OnFatal = func(err error) { fatal <- err }
	s, err := Open(o)
	switch {
	case err == nil:
		r.writeFailing(t, s)
		closed := s.Close()
		if fault.hit.Load() {
			if !errors.Is(closed, store.ErrFailed) || !errors.Is(closed, errDisk) {
				t.Errorf("change %d failed: Close returns %v, want ErrFailed", fault.number.Load(), closed)
			} else if err := <-fatal; !errors.Is(err, errDisk) {
				t.Errorf("change %d failed: OnFatal gets %v", fault.number.Load(), err)
			}
		}
	case !errors.Is(err, errDisk):
		t.Errorf("change %d failed: Open returns %v", fault.number.Load(), err)
	}
	cut := &crashCut{}
	for w := range cut.acknowledged {
		cut.acknowledged[w] = r.acknowledged[w].Load()
	}
	for _, cut.unsynced = range []int{0, 50, 100} {
		cut.fs = r.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: cut.unsynced, RNG: rand.New(rand.NewPCG(1, 2))})
		if err := r.verifyCut(cut); err != nil {
			t.Errorf("change %d failed, %d%% unsynced: %v", fault.number.Load(), cut.unsynced, err)
		}
	}
}

// writeFailing writes until the store fails.
func (r *crashRound) writeFailing(t *testing.T, s *Store) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 3))
			err := r.write(s, w, rng)
			if err != nil && !errors.Is(err, store.ErrFailed) {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	wg.Wait()
}

// TestFailedSync is the classic: a sync of the log fails once, and the next
// one would succeed.
func TestFailedSync(t *testing.T) {
	fs := vfs.NewCrashableMem()
	fault := newFault(0)
	fault.only = ".log"
	fatal := make(chan error, 2)
	s := mustOpen(t, Options{Dir: "/d", FS: errorfs.Wrap(fs, fault), OnFatal: func(err error) { fatal <- err }})
	applyAll(t, s, change(thingKey(1), 1, 100))
	before := fault.count.Load()
	applyAll(t, s, change(thingKey(1), 2, 100))
	fault.number.Store(fault.count.Load() + (fault.count.Load() - before)) // the last change of the next one, the sync

	inTime, err := s.Apply([]store.Append{change(thingKey(1), 3, 100)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // asking again does not help
		if err := inTime.Wait(); !errors.Is(err, store.ErrFailed) || !errors.Is(err, errDisk) {
			t.Errorf("Wait: %v, want ErrFailed and the reason", err)
		}
	}
	for _, append := range []store.Append{change(thingKey(1), 4, 100), change(thingKey(2), 1, 100)} {
		if _, err := s.Apply([]store.Append{append}); !errors.Is(err, store.ErrFailed) {
			t.Errorf("Apply: %v, want ErrFailed", err)
		}
	}
	if err := <-fatal; !errors.Is(err, store.ErrFailed) || !errors.Is(err, errDisk) {
		t.Errorf("OnFatal gets %v", err)
	}
	if r, err := s.Load(thingKey(1)); err != nil || r.Revision != 3 {
		t.Errorf("Load: revision %d, error %v; what was applied is still visible", r.Revision, err)
	}
	if err := s.Close(); !errors.Is(err, store.ErrFailed) {
		t.Errorf("Close: %v, want ErrFailed", err)
	}
	s = mustOpen(t, Options{Dir: "/d", FS: fs.CrashClone(vfs.CrashCloneCfg{})})
	defer s.Close()
	if r, err := s.Load(thingKey(1)); err != nil || r.Revision != 2 {
		t.Errorf("after reopening: revision %d, error %v, want 2", r.Revision, err)
	}
}

// TestFullDisk has no room for tables. A store that cannot write tables fails,
// rather than holding back writes for ever.
func TestFullDisk(t *testing.T) {
	fault := newFault(1)
	fault.dead, fault.only = true, ".sst"
	s := mustOpen(t, Options{Dir: "/d", FS: errorfs.Wrap(vfs.NewMem(), fault), CacheSize: 1})
	var err error
	for r := int64(1); err == nil; r++ {
		var c store.Commit
		if c, err = s.Apply([]store.Append{change(thingKey(1), r, 1000)}); err == nil {
			err = c.Wait()
		}
	}
	if !errors.Is(err, store.ErrFailed) {
		t.Error(err)
	}
	if err := s.Close(); !errors.Is(err, store.ErrFailed) {
		t.Error(err)
	}
}

// TestFatal lets Pebble give up.
func TestFatal(t *testing.T) {
	fatal := make(chan error, 2)
	s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem(), OnFatal: func(err error) { fatal <- err }})
	l := logger{slog: s.options.Logger, fatal: s.failstop.stop}
	l.Fatalf("cannot %s", "go on")
	l.Fatalf("again")
	if err := <-fatal; !errors.Is(err, store.ErrFailed) || !strings.Contains(err.Error(), "cannot go on") {
		t.Error(err)
	}
	if _, err := s.Apply([]store.Append{change(thingKey(1), 1, 10)}); !errors.Is(err, store.ErrFailed) {
		t.Error(err)
	}
	if err := s.Close(); !errors.Is(err, store.ErrFailed) {
		t.Error(err)
	}
	if len(fatal) != 0 {
		t.Error("OnFatal was called twice")
	}
}

// There is always a log: the old ones go when the next one is there for good.
func TestOldLogsAreKept(t *testing.T) {
	fs := vfs.NewCrashableMem()
	if err := fs.MkdirAll("/d", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syncDir(fs, "/"); err != nil {
		t.Fatal(err)
	}
	f, err := newFailstop(fs, "/d", func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/d/000001.log", "/d/000002.log", "/d/000003.sst"} {
		if err := writeSynced(fs, name, "x"); err != nil {
			t.Fatal(err)
		}
		if err := f.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	want := func(want ...string) {
		t.Helper()
		names, err := fs.List("/d")
		slices.Sort(names)
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%q, error %v, want %q", names, err, want)
		}
	}
	want("000001.log", "000002.log")
	for _, name := range []string{"/d/000004.sst", "/d/000005.log"} {
		file, err := f.Create(name, vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want("000004.sst", "000005.log")
	if names := fileNames(t, fs.CrashClone(vfs.CrashCloneCfg{})); !slices.Contains(names, "000005.log") {
		t.Errorf("after a crash there is %q", names)
	}
	if err := f.Remove("/d/000005.log"); err != nil { // Pebble knows what it does now
		t.Fatal(err)
	}
	want("000004.sst")
}
