package gatewaytest

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A file system in memory, and how much of it must be free: containers have small ones.
const (
	memory = "/dev/shm"
	enough = 1 << 30
)

// inMemory returns an empty directory in memory, or on a disk where there is none, until the test ends.
//
// Disks that others use as well stand still for a moment now and then. Whether something is durable within the time that a command has
// is not what most tests are about.
func inMemory(t testing.TB) string {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(memory, &s); err != nil || s.Bavail*uint64(s.Bsize) < enough {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "twinway-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
