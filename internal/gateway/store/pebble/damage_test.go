package pebble

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

const damageThings = 40

var damageTrials = flag.Int("damage.trials", 25, "how often the damage test changes each file")

// damageImages returns the directory of a store with tables, some revisions of
// things and a last change that nothing refers to: as a killed process leaves
// it, and closed.
func damageImages(t *testing.T) map[string]*vfs.MemFS {
	t.Helper()
	images := map[string]*vfs.MemFS{}
	addDamageImages(t, images, "small tables, ", 1)
	addDamageImages(t, images, "long log, ", DefaultCacheSize)
	return images
}

func addDamageImages(t *testing.T, images map[string]*vfs.MemFS, prefix string, cache int64) {
	t.Helper()
	fs := vfs.NewCrashableMem()
	o := Options{Dir: "/d", FS: fs, CacheSize: cache}
	s := mustOpen(t, o)
	for r := int64(1); r <= 10; r++ {
		for i := range damageThings {
			applyAll(t, s, damageAppend(i, r, 300))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	for i := range damageThings {
		applyAll(t, s, damageAppend(i, 11, 300+i%8*800))
	}
	applyAll(t, s, change(thingKey(damageThings), 1, 100))
	everything := vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 1))}
	images[prefix+"killed"] = fs.CrashClone(everything)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	images[prefix+"closed"] = fs.CrashClone(everything)
}

// damageAppend is a change that makes a thing due a little later, in the order
// of the things' numbers, and found by its revision.
func damageAppend(i int, revision int64, size int) store.Append {
	a := change(thingKey(i), revision, size)
	before := a.Record
	before.Revision--
	a.Index = store.IndexChange{Remove: damageIndex(before), Add: damageIndex(a.Record)}
	a.Record.Due = benchTime.Add(time.Duration(revision)*time.Hour + time.Duration(i)*time.Second)
	return a
}

// damageIndex returns the entries of a thing; the last one has none.
func damageIndex(r store.Record) [][]byte {
	if r.Revision < 2 {
		return nil
	}
	return [][]byte{fmt.Appendf(nil, "r%d=", r.Revision)}
}

// openDamaged opens a directory and reads everything. It returns an error if
// the store refuses something, and fails the test if it neither does that nor
// has everything. last says that the last change counts.
func openDamaged(t *testing.T, fs vfs.FS, last bool) error {
	t.Helper()
	s, err := Open(Options{Dir: "/d", FS: fs, CacheSize: 1, Index: damageIndex})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	for i := range damageThings {
		if err := readThing(s, i, 11); err != nil {
			return err
		}
	}
	if err := errors.Join(readDue(s), readIndex(s)); err != nil {
		return err
	}
	if last {
		return readThing(s, damageThings, 1)
	}
	return nil
}

var errLost = errors.New("silently lost")

func readThing(s *Store, i int, revision int64) error {
	r, err := s.Load(thingKey(i))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	n := int64(0)
	err = s.History(thingKey(i), 1, revision, func(store.Event) bool { n++; return true })
	if err == nil && (r.Revision != revision || n != revision) {
		err = fmt.Errorf("%w: thing %d has revision %d and %d events, want %d", errLost, i, r.Revision, n, revision)
	}
	return err
}

// readDue reads what is due: all things but the last.
func readDue(s *Store) error {
	n := 0
	err := s.Due(time.Time{}, benchTime.AddDate(1, 0, 0), 1000, func(key store.Key, due time.Time) bool {
		want := damageAppend(n, 11, 0)
		if key != want.Key || !due.Equal(want.Record.Due) {
			return false
		}
		n++
		return true
	})
	if err == nil && n != damageThings {
		err = fmt.Errorf("%w: of what is due %d are as they should be, want %d", errLost, n, damageThings)
	}
	return err
}

// readIndex reads by what things are found.
func readIndex(s *Store) error {
	var want []string
	for i := range damageThings {
		want = append(want, "r11="+thingKey(i).ID)
	}
	slices.Sort(want)
	got, err := indexKeys(s)
	if err == nil && !slices.Equal(want, got) {
		err = fmt.Errorf("%w: the index is %q", errLost, got)
	}
	return err
}

// refused says that an error is one that tells of damage.
func refused(err error) bool {
	return errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrVersion)
}

func copyFS(t *testing.T, fs *vfs.MemFS) *vfs.MemFS {
	t.Helper()
	return fs.CrashClone(vfs.CrashCloneCfg{})
}

func fileNames(t *testing.T, fs vfs.FS) []string {
	t.Helper()
	names, err := fs.List("/d")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestDamage changes single bits, and single bytes, all over the directory.
// Either the store says so, or nothing is missing. Only a change of more than
// a bit in the very last batch may look like one that was cut off.
func TestDamage(t *testing.T) {
	trials := *damageTrials
	rng := rand.New(rand.NewPCG(5, 6))
	for state, image := range damageImages(t) {
		if err := openDamaged(t, copyFS(t, image), true); err != nil {
			t.Fatalf("%s, undamaged: %v", state, err)
		}
		for _, name := range fileNames(t, image) {
			for range trials {
				fs := copyFS(t, image)
				data, err := fs.UnsafeGetFileDataBuffer("/d/" + name)
				if err != nil {
					t.Fatal(err)
				}
				if len(data) == 0 {
					break
				}
				at, bits := rng.IntN(len(data)), byte(1<<rng.IntN(8))
				if rng.IntN(3) == 0 {
					bits = byte(1 + rng.IntN(255))
				}
				data[at] ^= bits
				err = openDamaged(t, fs, bits&(bits-1) == 0)
				if err != nil && !refused(err) {
					t.Errorf("%s, %s at %d of %d, %08b: %v", state, name, at, len(data), bits, err)
				}
			}
		}
	}
}

// TestMissingFiles removes files, one at a time. A log, if there are others, is
// not missed: Pebble removes logs too. Everything else with data in it is.
func TestMissingFiles(t *testing.T) {
	for state, image := range damageImages(t) {
		for _, name := range fileNames(t, image) {
			fs := copyFS(t, image)
			if err := fs.Remove("/d/" + name); err != nil {
				t.Fatal(err)
			}
			err := openDamaged(t, fs, true)
			if err != nil && !refused(err) && !strings.HasSuffix(name, ".log") {
				t.Errorf("%s without %s: %v", state, name, err)
			}
			needed := strings.HasPrefix(name, "marker.") || name == markerName
			if needed && err == nil {
				t.Errorf("%s without %s: opened", state, name)
			}
		}
	}
}

// TestMissingData removes all files of a kind.
func TestMissingData(t *testing.T) {
	for state, image := range damageImages(t) {
		for _, part := range []string{".log", ".sst", "MANIFEST", "marker.", "0", "."} {
			fs := copyFS(t, image)
			for _, name := range fileNames(t, image) {
				if strings.Contains(name, part) {
					_ = fs.Remove("/d/" + name)
				}
			}
			if err := openDamaged(t, fs, true); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("%s without *%s*: %v, want ErrCorrupt", state, part, err)
			}
		}
	}
}
