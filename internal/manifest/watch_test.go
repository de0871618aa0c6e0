package manifest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/manifest"
)

// watch begins to watch a directory, and returns a function that waits for the
// next report, for as long as it takes.
func watch(t *testing.T, dir string) (next func()) {
	t.Helper()
	changed, err := manifest.Watch(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		select {
		case <-changed:
		case <-time.After(time.Minute):
			t.Fatal("the change was not reported")
		}
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func symlink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}

func TestWatchReportsFilesThatComeChangeAndGo(t *testing.T) {
	dir := t.TempDir()
	next := watch(t, dir)
	write(t, dir, "a.yaml", "a: 1")
	next()
	write(t, dir, "a.yaml", "a: 2")
	next()
	rename(t, filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml"))
	next()
	if err := os.Remove(filepath.Join(dir, "b.yaml")); err != nil {
		t.Fatal(err)
	}
	next()
}

// A volume of Kubernetes has links to files below ..data, and ..data is a link
// that is replaced when the content changes.
func TestWatchReportsAVolumeUpdate(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "..data")
	write(t, mkdir(t, filepath.Join(dir, "..1")), "a.yaml", "a: 1")
	write(t, mkdir(t, filepath.Join(dir, "..2")), "a.yaml", "a: 2")
	symlink(t, "..1", data)
	symlink(t, "..data/a.yaml", filepath.Join(dir, "a.yaml"))
	next := watch(t, dir)

	symlink(t, "..2", data+"_tmp")
	rename(t, data+"_tmp", data)
	next()
}

func TestWatchFollowsALinkedDirectory(t *testing.T) {
	parent := t.TempDir()
	one, two := mkdir(t, filepath.Join(parent, "1")), mkdir(t, filepath.Join(parent, "2"))
	write(t, one, "a.yaml", "a: 1")
	write(t, two, "a.yaml", "a: 2")
	dir := filepath.Join(parent, "current")
	symlink(t, "1", dir)
	next := watch(t, dir)

	symlink(t, "2", dir+"_tmp")
	rename(t, dir+"_tmp", dir)
	next()
	write(t, two, "a.yaml", "a: 3") // in the directory that the link names now
	next()
}

func TestWatchWaitsForADirectory(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "config")
	next := watch(t, dir)

	mkdir(t, dir)
	next() // now it can be read
	write(t, dir, "a.yaml", "a: 1")
	next()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	next()
	mkdir(t, dir)
	next()
	write(t, dir, "a.yaml", "a: 1")
	next()
}

func TestWatchOfARelativeDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	next := watch(t, ".")
	write(t, ".", "a.yaml", "a: 1")
	next()
}

func TestWatchNeedsAParent(t *testing.T) {
	_, err := manifest.Watch(t.Context(), filepath.Join(t.TempDir(), "no", "such"))
	if err == nil {
		t.Error("no error for a directory without a parent")
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	changed, err := manifest.Watch(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range changed { // ends when the channel is closed
	}
	goleak.VerifyNone(t, leaks)
}
