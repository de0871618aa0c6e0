package podrunner

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// dataLink is the link by whose replacement all files of a volume change at
// once; each file is a link through it.
const dataLink = "..data"

// writeAtomically makes dir hold the files, as a kubelet does.
func writeAtomically(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	old, err := os.Readlink(filepath.Join(dir, dataLink))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fresh, err := os.MkdirTemp(dir, "..")
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), data, 0o600); err != nil {
			return err
		}
	}
	if err := replaceLink(filepath.Base(fresh), filepath.Join(dir, dataLink)); err != nil {
		return err
	}
	if err := linkFiles(dir, files); err != nil {
		return err
	}
	if old == "" {
		return nil
	}
	return os.RemoveAll(filepath.Join(dir, old))
}

func replaceLink(target, link string) error {
	temporary := link + "_tmp"
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, link)
}

// linkFiles makes the names that users see: those of the files, and no others.
func linkFiles(dir string, files map[string][]byte) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, wanted := files[entry.Name()]; !wanted && entry.Name()[:2] != ".." {
			if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	for name := range files {
		err := os.Symlink(filepath.Join(dataLink, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
