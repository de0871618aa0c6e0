package pebble

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// The marker says that a directory holds a complete store, and in which
// format: the layout of keys and of the directory. Values carry their own
// version.
const (
	markerName   = "TWINWAY-STORE"
	markerPrefix = "twinway store, format "
	storeFormat  = 3
	markerLimit  = 128
)

// readMarker says whether there is a marker. It refuses other formats.
func readMarker(fsys vfs.FS, dir string) (bool, error) {
	f, err := fsys.Open(fsys.PathJoin(dir, markerName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, markerLimit))
	if err != nil {
		return false, err
	}
	number, ok := strings.CutPrefix(strings.TrimSuffix(string(text), "\n"), markerPrefix)
	format, err := strconv.Atoi(number)
	switch {
	case !ok || err != nil:
		return false, fmt.Errorf("%w: %s says %q", store.ErrCorrupt, markerName, text)
	case format != storeFormat:
		return false, fmt.Errorf("%w: %s has format %d, this build knows format %d; use the version that wrote it",
			store.ErrVersion, dir, format, storeFormat)
	}
	return true, nil
}

// writeMarker creates the marker durably: after a crash there is all of it or
// nothing.
func writeMarker(fsys vfs.FS, dir string) error {
	name := fsys.PathJoin(dir, markerName)
	if err := writeSynced(fsys, name+".tmp", fmt.Sprintf("%s%d\n", markerPrefix, storeFormat)); err != nil {
		return err
	}
	if err := fsys.Rename(name+".tmp", name); err != nil {
		return err
	}
	return syncDir(fsys, dir)
}

func writeSynced(fsys vfs.FS, name, text string) error {
	f, err := fsys.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
