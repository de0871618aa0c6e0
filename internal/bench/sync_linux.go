package bench

import (
	"os"
	"syscall"
)

// syncData makes what a file holds durable.
func syncData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
