package pebble

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	secretName = "TWINWAY-SECRET"
	secretSize = 32
	secretMode = 0o600
)

// Secret returns random bytes that belong to the directory of the store: they
// are made when there are none, and are the same after a restart. They are in a
// file of their own, which only its owner may read; who removes it gets others.
//
// Errors: what the file system says.
func (s *Store) Secret() ([]byte, error) {
	fsys, name := s.options.FS, s.options.FS.PathJoin(s.options.Dir, secretName)
	secret, err := readSecret(fsys, name)
	if err == nil && len(secret) != secretSize {
		secret = make([]byte, secretSize)
		_, _ = rand.Read(secret) // never fails
		err = writeSecret(fsys, s.options.Dir, name, secret)
	}
	if err != nil {
		return nil, fmt.Errorf("secret of the store: %w", err)
	}
	return secret, nil
}

// readSecret returns what is in the file of the secret, nil if there is none.
func readSecret(fsys vfs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, secretSize+1))
}

// writeSecret writes the file of the secret durably. Nobody else can read it at
// any time.
func writeSecret(fsys vfs.FS, dir, name string, secret []byte) error {
	begun := name + ".tmp"
	if err := writeSynced(fsys, begun, ""); err != nil {
		return err
	}
	if err := onlyForOwner(fsys, begun); err != nil {
		return err
	}
	f, err := fsys.OpenReadWrite(begun, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(secret)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := fsys.Rename(begun, name); err != nil {
		return err
	}
	return syncDir(fsys, dir)
}

// onlyForOwner keeps everybody but the owner from a file, where there are owners.
func onlyForOwner(fsys vfs.FS, name string) error {
	if fsys != vfs.Default {
		return nil
	}
	return os.Chmod(name, secretMode)
}
