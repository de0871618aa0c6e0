package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/twinway/twinway/internal/snapshot"
)

// lastKnownGood is the snapshot that was last in force, in a file beside the
// store. It holds what Secrets hold, so nobody but the gateway may read it.
type lastKnownGood struct{ dir string }

func (k lastKnownGood) path() string { return filepath.Join(k.dir, "snapshot.json") }

func (k lastKnownGood) read() (*snapshot.Snapshot, error) {
	data, err := readBounded(k.path())
	if err != nil {
		return nil, err
	}
	snap, err := snapshot.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.path(), err)
	}
	return snap, nil
}

// write replaces the file as a whole and durably: after a crash it is the one
// before, or this one. It is called by one goroutine at a time.
func (k lastKnownGood) write(encoded []byte) error {
	if before, err := readBounded(k.path()); err == nil && bytes.Equal(before, encoded) {
		return nil
	}
	draft := k.path() + ".new"
	if err := writeDurable(draft, encoded); err != nil {
		return err
	}
	if err := os.Rename(draft, k.path()); err != nil {
		return fmt.Errorf("replace the last snapshot: %w", err)
	}
	return syncDir(k.dir)
}

// writeDurable writes a file that only its owner may read.
func writeDurable(path string, data []byte) (err error) {
	// What a crash has left may have other permissions.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write the last snapshot: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the last snapshot: %w", err)
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write the last snapshot: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	return nil
}
