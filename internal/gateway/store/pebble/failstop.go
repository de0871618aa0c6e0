package pebble

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// failstop is the file system that Pebble works on. As long as all is well it
// does nothing. When a change to the directory fails, or when stop is called,
// it tells the store, and from then on leaves the directory alone: what Pebble
// writes to the log and the manifest goes nowhere, files it makes are made in
// memory, files it removes stay. Pebble is not told, because it panics, partly
// with locks held, when its log cannot be written, and tries forever, without
// a pause, to write a table that cannot be written.
//
// The order matters: whoever is told by Pebble that something is durable can
// rely on the failure being known before, if it is not true.
type failstop struct {
	vfs.FS
	// failed is called once, before the failed operation returns.
	failed func(error)
	// frozen says that the directory is left alone.
	frozen atomic.Bool
	// memory has the files made since then.
	memory *vfs.MemFS
	logs   oldLogs
}

func newFailstop(fs vfs.FS, dir string, failed func(error)) (*failstop, error) {
	f := &failstop{FS: fs, failed: failed, memory: vfs.NewMem()}
	return f, f.memory.MkdirAll(dir, 0o755)
}

// stop freezes the directory.
func (f *failstop) stop(err error) {
	if f.frozen.CompareAndSwap(false, true) {
		f.failed(err)
	}
}

// failing freezes the directory if err is not nil.
func (f *failstop) failing(doing, name string, err error) {
	if err != nil {
		f.stop(fmt.Errorf("%s %s: %w", doing, f.PathBase(name), err))
	}
}

// Create implements vfs.FS.
func (f *failstop) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return f.create(name, category, func() (vfs.File, error) {
		if f.isPointer(name) {
			if err := syncDir(f.FS, f.PathDir(name)); err != nil {
				return nil, err
			}
		}
		return f.FS.Create(name, category)
	})
}

// ReuseForWrite implements vfs.FS.
func (f *failstop) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return f.create(newname, category, func() (vfs.File, error) {
		return f.FS.ReuseForWrite(oldname, newname, category)
	})
}

func (f *failstop) create(
	name string, category vfs.DiskWriteCategory, create func() (vfs.File, error),
) (vfs.File, error) {
	if !f.frozen.Load() {
		file, err := create()
		if err == nil {
			if err = f.removeOldLogs(name); err != nil {
				_ = file.Close()
			}
		}
		if err == nil {
			return &failstopFile{File: file, fs: f, name: name}, nil
		}
		f.failing("create", name, err)
	}
	return f.memory.Create(name, category)
}

// isPointer says whether a file names another one, the current manifest.
// Pebble creates both and syncs the directory once; on a file system that does
// not keep the order of directory entries a crash in between could leave the
// pointer alone.
func (f *failstop) isPointer(name string) bool {
	return strings.HasPrefix(f.PathBase(name), "marker.")
}

// Open implements vfs.FS.
func (f *failstop) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	if f.inMemory(name) {
		return f.memory.Open(name)
	}
	return f.FS.Open(name, opts...)
}

// Stat implements vfs.FS.
func (f *failstop) Stat(name string) (vfs.FileInfo, error) {
	if f.inMemory(name) {
		return f.memory.Stat(name)
	}
	return f.FS.Stat(name)
}

func (f *failstop) inMemory(name string) bool {
	if !f.frozen.Load() {
		return false
	}
	_, err := f.memory.Stat(name)
	return err == nil
}

// OpenDir implements vfs.FS.
func (f *failstop) OpenDir(name string) (vfs.File, error) {
	file, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return &failstopFile{File: file, fs: f, name: name}, nil
}

// Remove implements vfs.FS.
func (f *failstop) Remove(name string) error {
	if f.frozen.Load() || f.logs.keep(f.PathBase(name), name) {
		return nil
	}
	return f.FS.Remove(name)
}

// RemoveAll implements vfs.FS.
func (f *failstop) RemoveAll(name string) error {
	if f.frozen.Load() {
		return nil
	}
	return f.FS.RemoveAll(name)
}

// Rename implements vfs.FS.
func (f *failstop) Rename(oldname, newname string) error {
	if !f.frozen.Load() {
		f.failing("rename", oldname, f.FS.Rename(oldname, newname))
	}
	return nil
}

// Unwrap implements vfs.FS.
func (f *failstop) Unwrap() vfs.FS { return f.FS }

// failstopFile is a file on disk that is being written, or the directory.
type failstopFile struct {
	vfs.File
	fs   *failstop
	name string
}

// errFrozen is what Pebble gets for a table that it is writing when the store
// fails. It writes another one then, in memory.
var errFrozen = errors.New("the directory is left alone because the store has failed")

// change does something to the file, unless the directory is left alone.
func (f *failstopFile) change(doing string, change func() error) error {
	if !f.fs.frozen.Load() {
		f.fs.failing(doing, f.name, change())
	}
	if isTable(f.name) && f.fs.frozen.Load() {
		return errFrozen // it will be read again, unlike the other files
	}
	return nil
}

// Write implements vfs.File.
func (f *failstopFile) Write(p []byte) (int, error) {
	n := len(p)
	return n, f.change("write", func() error { _, err := f.File.Write(p); return err })
}

// Sync implements vfs.File.
func (f *failstopFile) Sync() error { return f.change("sync", f.File.Sync) }

// SyncData implements vfs.File.
func (f *failstopFile) SyncData() error { return f.change("sync", f.File.SyncData) }

// SyncTo implements vfs.File.
func (f *failstopFile) SyncTo(length int64) (full bool, err error) {
	err = f.change("sync", func() error { full, err = f.File.SyncTo(length); return err })
	return full, err
}

// Preallocate implements vfs.File. Not every file system can.
func (f *failstopFile) Preallocate(offset, length int64) error {
	if f.fs.frozen.Load() {
		return nil
	}
	return f.File.Preallocate(offset, length)
}

// Close implements vfs.File.
func (f *failstopFile) Close() error {
	f.fs.failing("close", f.name, f.File.Close())
	return nil
}

// isTable says whether a file is a table, written once and then read.
func isTable(name string) bool {
	return strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, ".blob")
}
