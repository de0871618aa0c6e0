//go:build !linux

package bench

import "os"

// syncData makes what a file holds durable, and more than that where there is no other way.
func syncData(f *os.File) error { return f.Sync() }
