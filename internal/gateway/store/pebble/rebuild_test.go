package pebble

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// byRules has a store make entries of the rules and the revision, and count
// how often it is asked.
func byRules(fs vfs.FS, rules string, asked *int) Options {
	return Options{
		Dir: "/d", FS: fs, CacheSize: 1, IndexRules: rules,
		Index: func(r store.Record) [][]byte {
			if asked != nil {
				*asked++
			}
			return entriesBy(rules)(r)
		},
	}
}

func entriesBy(rules string) func(store.Record) [][]byte {
	return func(r store.Record) [][]byte {
		return [][]byte{fmt.Appendf(nil, "%.20s/%d=", rules, r.Revision), fmt.Appendf(nil, "common/%d=", r.Revision%2)}
	}
}

const rebuildThings = 300

// rebuildImage returns the directory of a store with an index by the rules
// "some", with things, deleted ones among them, and policies.
func rebuildImage(t *testing.T) *vfs.MemFS {
	t.Helper()
	fs := vfs.NewCrashableMem()
	s := mustOpen(t, byRules(fs, "some", nil))
	for i := range rebuildThings {
		a := change(thingKey(i), 1, 300)
		a.Index.Add = entriesBy("some")(a.Record)
		policy := change(store.Key{Kind: store.Policy, ID: a.Key.ID}, 1, 10)
		batch := []store.Append{a, policy}
		if i%3 == 0 {
			gone := change(a.Key, 2, 0)
			gone.Record.Deleted, gone.Index.Remove = true, a.Index.Add
			batch = append(batch, gone)
		}
		applyAll(t, s, batch...)
	}
	mustVerifyIndex(t, s, "some")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return fs
}

func mustVerifyIndex(t *testing.T, s *Store, rules string) {
	t.Helper()
	if err := verifyIndex(s, entriesBy(rules)); err != nil {
		t.Error(err)
	}
}

// setMarker writes a marker as another version would have.
func setMarker(t *testing.T, fs vfs.FS, text string) {
	t.Helper()
	if err := writeSynced(fs, "/d/"+markerName, text); err != nil {
		t.Fatal(err)
	}
}

func TestRebuild(t *testing.T) {
	fs := rebuildImage(t)
	const existing = rebuildThings - rebuildThings/3
	for _, step := range []struct {
		rules  string
		marker string // in place of the one that is there
		asked  int
	}{
		{rules: "some"},
		{rules: "other", asked: existing},
		{rules: "other"},
		{rules: strings.Repeat("very long ", 1000), asked: existing},
		{rules: strings.Repeat("very long ", 1000)},
		{rules: "", asked: existing},
		{rules: ""},
		{rules: "", marker: "twinway store, format 4\n", asked: existing},
		{rules: "some", marker: "twinway store, format 3\n", asked: existing},
		{rules: "some"},
	} {
		if step.marker != "" {
			setMarker(t, fs, step.marker)
		}
		asked := 0
		s := mustOpen(t, byRules(fs, step.rules, &asked))
		if asked != step.asked {
			t.Errorf("rules %.20q, marker %q: %d things were asked for, want %d", step.rules, step.marker, asked, step.asked)
		}
		mustVerifyIndex(t, s, step.rules)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("none", func(t *testing.T) {
		s := mustOpen(t, Options{Dir: "/d", FS: fs, IndexRules: "none"})
		defer s.Close()
		if keys, err := indexKeys(s); err != nil || len(keys) > 0 {
			t.Errorf("%d keys, error %v", len(keys), err)
		}
	})
}

// A new store has nothing to make an index of.
func TestRebuildNothing(t *testing.T) {
	asked, text := 0, &strings.Builder{}
	o := byRules(vfs.NewMem(), "some", &asked)
	o.Logger = slog.New(slog.NewTextHandler(text, nil))
	s := mustOpen(t, o)
	defer s.Close()
	if asked != 0 || strings.Contains(text.String(), "index") {
		t.Errorf("asked for %d things; log:\n%s", asked, text)
	}
}

// What cannot be in an index is an error of Open, and the next one begins
// again.
func TestRebuildRefused(t *testing.T) {
	fs := rebuildImage(t)
	for name, entry := range map[string][]byte{"empty": {}, "too long": make([]byte, store.MaxIndexEntry+1)} {
		o, n := byRules(fs, "other", nil), 0
		o.Index = func(r store.Record) [][]byte {
			if n++; n == 150 {
				return [][]byte{entry}
			}
			return entriesBy("other")(r)
		}
		if s, err := Open(o); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: store %v, error %v, want ErrInvalid", name, s, err)
		}
	}
	// Not only "other" must be made anew.
	asked := 0
	s := mustOpen(t, byRules(fs, "some", &asked))
	defer s.Close()
	mustVerifyIndex(t, s, "some")
	if asked == 0 {
		t.Error("half an index was taken for a whole one")
	}
}

// TestRebuildCrash cuts the power before every change to the directory while
// an index is made anew. Whatever rules come next, the index is by them.
func TestRebuildCrash(t *testing.T) {
	for name, c := range map[string]struct {
		cache  int64
		marker string // in place of the one that is there
	}{
		"small tables": {cache: 1}, "no index, small tables": {cache: 1, marker: "twinway store, format 3\n"},
		"everything in memory": {}, "no index, everything in memory": {marker: "twinway store, format 3\n"},
	} {
		t.Run(name, func(t *testing.T) {
			fs := rebuildImage(t)
			if c.marker != "" {
				setMarker(t, fs, c.marker)
			}
			cutter := &rebuildCutter{fs: fs, rng: rand.New(rand.NewPCG(1, 2))}
			o := byRules(errorfs.Wrap(crashFS{fs}, cutter), "other", nil)
			o.CacheSize = c.cache
			s := mustOpen(t, o)
			all := cutter.end()
			made := fs.CrashClone(vfs.CrashCloneCfg{})
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			asked := 0
			s = mustOpen(t, byRules(made, "other", &asked))
			mustVerifyIndex(t, s, "other")
			if err := s.Close(); err != nil || asked > 0 {
				t.Errorf("asked for %d things after the index was made, error %v", asked, err)
			}
			if len(all) < 20 {
				t.Errorf("only %d crashes", len(all))
			}
			for i, image := range all {
				rules := []string{"some", "other", "third"}[i/3%3]
				s := mustOpen(t, byRules(image, rules, nil))
				if err := verifyIndex(s, entriesBy(rules)); err != nil {
					t.Errorf("crash %d of %d, then rules %q: %v", i, len(all), rules, err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// rebuildCutter clones what a crash leaves, before every change to a directory.
type rebuildCutter struct {
	fs    *vfs.MemFS
	mu    sync.Mutex
	rng   *rand.Rand
	cuts  []*vfs.MemFS
	ended bool
}

// MaybeError never makes errors.
func (c *rebuildCutter) MaybeError(op errorfs.Op) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && !c.ended {
		unsynced := 50 * (len(c.cuts) % 3)
		c.cuts = append(c.cuts, c.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: unsynced, RNG: c.rng}))
	}
	return nil
}

func (c *rebuildCutter) String() string { return "cut" }

func (c *rebuildCutter) end() []*vfs.MemFS {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	return c.cuts
}

// TestRebuildFailingDisk has the changes to the directory fail one after the
// other while an index is made anew: Open says so, and a later one makes it.
func TestRebuildFailingDisk(t *testing.T) {
	image := rebuildImage(t)
	for name, cache := range map[string]int64{"small tables": 1, "everything in memory": 0} {
		t.Run(name, func(t *testing.T) {
			number := int64(1)
			for ; !t.Failed() && rebuildFailing(t, copyFS(t, image), cache, number); number++ {
			}
			if number < 10 {
				t.Errorf("only %d failures", number-1)
			}
		})
	}
}

// rebuildFailing reports whether there was a change with that number to fail.
func rebuildFailing(t *testing.T, fs *vfs.MemFS, cache, number int64) bool {
	t.Helper()
	fault := newFault(number)
	o := byRules(errorfs.Wrap(fs, fault), "other", nil)
	o.CacheSize = cache
	s, err := Open(o)
	if err == nil {
		err = s.Close()
	}
	if !fault.hit.Load() {
		return false
	}
	if !errors.Is(err, errDisk) {
		t.Errorf("change %d failed: %v", number, err)
	}
	for _, rules := range []string{"some", "other"} {
		s := mustOpen(t, byRules(copyFS(t, fs), rules, nil))
		if err := errors.Join(verifyIndex(s, entriesBy(rules)), s.Close()); err != nil {
			t.Errorf("change %d failed, then rules %q: %v", number, rules, err)
		}
	}
	return true
}
