package pebble

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// wantRefused opens a directory that must be refused with an error and a text.
func wantRefused(t *testing.T, o Options, want error, text string) {
	t.Helper()
	s, err := Open(o)
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
		t.Errorf("Open: %v, want %q and %q", err, want, text)
	}
}

func TestLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "on", "the", "way")
	s := mustOpen(t, Options{Dir: dir})
	wantRefused(t, Options{Dir: dir}, store.ErrLocked, dir)
	t.Run("under another name", func(t *testing.T) {
		t.Chdir(filepath.Dir(dir))
		wantRefused(t, Options{Dir: filepath.Base(dir)}, store.ErrLocked, dir)
	})
	t.Run("by another process", func(t *testing.T) {
		c := exec.Command(os.Args[0], "-test.run=^TestLockedChild$")
		c.Env = append(os.Environ(), lockedChild+"="+dir)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	applyAll(t, s, change(thingKey(1), 1, 10)) // the owner is not disturbed
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := mustOpen(t, Options{Dir: dir}).Close(); err != nil {
		t.Fatal(err)
	}
}

const lockedChild = "STORE_TEST_LOCKED_DIR"

// TestLockedChild is the other process of TestLocked.
func TestLockedChild(t *testing.T) {
	dir := os.Getenv(lockedChild)
	if dir == "" {
		t.Skip("only as a child of TestLocked")
	}
	wantRefused(t, Options{Dir: dir}, store.ErrLocked, dir)
}

func TestVersion(t *testing.T) {
	mark := rulesMark("")
	for marker, want := range map[string]error{
		"twinway store, format 4\nindex " + mark + "\n":       nil,
		"twinway store, format 4\nindex " + mark:              nil,
		"twinway store, format 4\n":                           nil, // its index was being made
		"twinway store, format 3\n":                           nil, // it has no index
		"twinway store, format 3":                             nil,
		"twinway store, format 5\n":                           store.ErrVersion,
		"twinway store, format 5\nindex of another sort\n":    store.ErrVersion,
		"twinway store, format 2\n":                           store.ErrVersion,
		"twinway store, format 1\n":                           store.ErrVersion,
		"twinway store, format 0\n":                           store.ErrVersion,
		"twinway store, format one":                           store.ErrCorrupt,
		"twinway store, format ":                              store.ErrCorrupt,
		"twinway store, format 4\nindex " + mark[1:] + "\n":   store.ErrCorrupt,
		"twinway store, format 4\nindex " + mark + "0\n":      store.ErrCorrupt,
		"twinway store, format 4\nindex " + mark + "\nmore\n": store.ErrCorrupt,
		"twinway store, format 4\nwhatever " + mark + "\n":    store.ErrCorrupt,
		"":                            store.ErrCorrupt,
		"something else":              store.ErrCorrupt,
		strings.Repeat("1", 1000_000): store.ErrCorrupt,
	} {
		fs := vfs.NewMem()
		if err := mustOpen(t, Options{Dir: "/d", FS: fs}).Close(); err != nil {
			t.Fatal(err)
		}
		if err := writeSynced(fs, "/d/"+markerName, marker); err != nil {
			t.Fatal(err)
		}
		s, err := Open(Options{Dir: "/d", FS: fs})
		if err == nil {
			err = s.Close()
		}
		if !errors.Is(err, want) {
			t.Errorf("marker %.40q: %v, want %v", marker, err, want)
		}
		if text := ", this build knows format 4; use"; errors.Is(want, store.ErrVersion) && !strings.Contains(err.Error(), text) {
			t.Errorf("marker %q: %v, want %q", marker, err, text)
		}
	}
}

// A directory that holds something else is as good as an empty one.
func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := mustOpen(t, Options{Dir: dir}).Close(); err != nil {
		t.Error(err)
	}
	if err := mustOpen(t, Options{Dir: dir}).Close(); err != nil {
		t.Error(err)
	}
}

// Trouble with the file system is not taken for damage.
func TestFileSystemErrors(t *testing.T) {
	fs := vfs.NewMem()
	if err := mustOpen(t, Options{Dir: "/d", FS: fs}).Close(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []errorfs.OpKind{errorfs.OpOpen, errorfs.OpCreate, errorfs.OpList, errorfs.OpFileRead, errorfs.OpFileReadAt, errorfs.OpFileSync, errorfs.OpFileWrite, errorfs.OpLock} {
		inject := errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind == kind {
				return syscall.EIO
			}
			return nil
		})
		s, err := Open(Options{Dir: "/d", FS: errorfs.Wrap(fs, inject)})
		if err == nil {
			_ = s.Close()
			continue // it does not need that
		}
		if !errors.Is(err, syscall.EIO) || refused(err) || errors.Is(err, store.ErrLocked) {
			t.Errorf("%v: %v, want EIO only", kind, err)
		}
	}
	if err := mustOpen(t, Options{Dir: "/d", FS: fs}).Close(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: file}); err == nil || errors.Is(err, store.ErrLocked) || refused(err) {
		t.Errorf("a file in place of the directory: %v", err)
	}
}

// Errors tell which file is damaged.
func TestDamagedFileIsNamed(t *testing.T) {
	spoil := func(t *testing.T, image *vfs.MemFS, name string, at int) vfs.FS {
		t.Helper()
		copied := copyFS(t, image)
		data, err := copied.UnsafeGetFileDataBuffer(name)
		if err != nil {
			t.Fatal(err)
		}
		data[(at+len(data))%len(data)] ^= 0x10
		return copied
	}
	image := vfs.NewCrashableMem()
	o := Options{Dir: "/d", FS: image}
	s := mustOpen(t, o)
	applyAll(t, s, change(thingKey(0), 1, 1000))
	if err := s.Close(); err != nil { // into a table
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	defer s.Close()
	applyAll(t, s, change(thingKey(1), 1, 1000))
	applyAll(t, s, change(thingKey(1), 2, 1000))
	files, err := listFiles(image, "/d")
	if err != nil {
		t.Fatal(err)
	}
	log := files.logs[len(files.logs)-1]
	o.FS = spoil(t, image, files.manifest, 100)
	wantRefused(t, o, store.ErrCorrupt, image.PathBase(files.manifest)+" is damaged at byte")
	for _, at := range []int{100, -100} {
		o.FS = spoil(t, image, log, at)
		wantRefused(t, o, store.ErrCorrupt, image.PathBase(log)+" is damaged at byte")
	}

	tables, _ := image.List("/d")
	for _, name := range tables {
		if !isTable(name) {
			continue
		}
		fatal := make(chan error, 1)
		number := strings.TrimSuffix(name, ".sst")
		s, err := Open(Options{
			Dir: "/d", FS: spoil(t, image, "/d/"+name, 50), OnFatal: func(err error) { fatal <- err },
		})
		if err != nil { // something in the background met the damage first
			if !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), number) {
				t.Errorf("Open with damaged %s: %v", name, err)
			}
			continue
		}
		if _, err := s.Load(thingKey(0)); !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), number) {
			t.Errorf("Load from damaged %s: %v", name, err)
		}
		if err := s.History(thingKey(0), 1, 2, func(store.Event) bool { return true }); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("History from damaged %s: %v", name, err)
		}
		if err := <-fatal; !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), number) {
			t.Errorf("the store with damaged %s ends with %v", name, err)
		}
		if _, err := s.Apply([]store.Append{change(thingKey(1), 3, 10)}); !errors.Is(err, store.ErrFailed) {
			t.Errorf("Apply after damaged %s was met: %v", name, err)
		}
		if n := s.Metrics().Corruptions; n == 0 {
			t.Errorf("%s: no corruption is counted", name)
		}
		if err := s.Close(); !errors.Is(err, store.ErrFailed) {
			t.Errorf("Close of a store that has failed: %v", err)
		}
	}
}

// What a first start leaves when it is cut off is not taken for damage, but
// data without a marker is.
func TestMarkerWrittenLast(t *testing.T) {
	image := vfs.NewCrashableMem()
	s := mustOpen(t, Options{Dir: "/d", FS: image})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	empty := copyFS(t, image)
	if err := empty.Remove("/d/" + markerName); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, Options{Dir: "/d", FS: empty})
	applyAll(t, s, change(thingKey(1), 1, 10))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Stat("/d/" + markerName); errors.Is(err, fs.ErrNotExist) {
		t.Error("the marker has not been written")
	}
	if err := empty.Remove("/d/" + markerName); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, Options{Dir: "/d", FS: empty}, store.ErrCorrupt, "marker is missing")
}
