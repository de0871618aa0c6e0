// Package slowdisk lets tests hold up or fail what a store waits for.
package slowdisk

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Disk is a file system in memory whose syncs can be held up, or fail. What it
// held up or failed is lost to nobody but the caller of the sync: it simulates
// delay and refusal, not power loss.
type Disk struct {
	vfs.FS
	mu   sync.Mutex
	hold chan struct{} // syncs wait for it to be closed
	fail atomic.Bool
}

// ErrGone is what syncs return after FailSyncs.
var ErrGone = errors.New("the disk is gone")

// New returns a disk without files.
func New() *Disk { return &Disk{FS: vfs.NewMem()} }

// HoldSyncs makes syncs wait until the returned function is called.
func (d *Disk) HoldSyncs() (release func()) {
	hold := make(chan struct{})
	d.mu.Lock()
	d.hold = hold
	d.mu.Unlock()
	return sync.OnceFunc(func() {
		d.mu.Lock()
		d.hold = nil
		d.mu.Unlock()
		close(hold)
	})
}

// FailSyncs makes all syncs fail from now on.
func (d *Disk) FailSyncs() { d.fail.Store(true) }

func (d *Disk) sync() error {
	d.mu.Lock()
	hold := d.hold
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if d.fail.Load() {
		return ErrGone
	}
	return nil
}

// Create implements vfs.FS.
func (d *Disk) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return d.wrap(d.FS.Create(name, c))
}

// ReuseForWrite implements vfs.FS.
func (d *Disk) ReuseForWrite(from, to string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return d.wrap(d.FS.ReuseForWrite(from, to, c))
}

func (d *Disk) wrap(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return &file{File: f, disk: d}, nil
}

type file struct {
	vfs.File
	disk *Disk
}

// Sync implements vfs.File.
func (f *file) Sync() error {
	if err := f.disk.sync(); err != nil {
		return err
	}
	return f.File.Sync()
}

// SyncData implements vfs.File.
func (f *file) SyncData() error {
	if err := f.disk.sync(); err != nil {
		return err
	}
	return f.File.SyncData()
}

// SyncTo implements vfs.File.
func (f *file) SyncTo(length int64) (bool, error) {
	if err := f.disk.sync(); err != nil {
		return false, err
	}
	return f.File.SyncTo(length)
}
