package pebble

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// marker says that a directory holds a complete store, in which format, and by
// which rules its index was made. The format is the layout of keys and of the
// directory. Values carry their own version.
type marker struct {
	// complete says that there is a marker.
	complete bool
	// index stands for the rules by which the index was made. It is empty if there
	// is no index, or perhaps a part of one.
	index string
}

const (
	markerName   = "TWINWAY-STORE"
	markerPrefix = "twinway store, format "
	markerIndex  = "index "
	markerLimit  = 128
	storeFormat  = 4
	// formatNoIndex is like storeFormat, but without an index.
	formatNoIndex = 3
)

// rulesMark is what stands for rules in the marker, however long they are.
func rulesMark(rules string) string {
	sum := sha256.Sum256([]byte(rules))
	return hex.EncodeToString(sum[:])
}

// readMarker reads the marker, if there is one. It refuses other formats.
func readMarker(fsys vfs.FS, dir string) (marker, error) {
	f, err := fsys.Open(fsys.PathJoin(dir, markerName))
	if errors.Is(err, fs.ErrNotExist) {
		return marker{}, nil
	}
	if err != nil {
		return marker{}, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, markerLimit))
	if err != nil {
		return marker{}, err
	}
	m, format, ok := parseMarker(string(text))
	switch {
	case !ok:
		return marker{}, fmt.Errorf("%w: %s says %q", store.ErrCorrupt, markerName, text)
	case format != storeFormat && format != formatNoIndex:
		return marker{}, fmt.Errorf("%w: %s has format %d, this build knows format %d; use the version that wrote it",
			store.ErrVersion, dir, format, storeFormat)
	}
	return m, nil
}

func parseMarker(text string) (m marker, format int, ok bool) {
	first, second, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "\n")
	number, ok := strings.CutPrefix(first, markerPrefix)
	format, err := strconv.Atoi(number)
	if !ok || err != nil {
		return marker{}, 0, false
	}
	m.complete = true
	if second == "" || format != storeFormat {
		return m, format, true
	}
	m.index, ok = strings.CutPrefix(second, markerIndex)
	return m, format, ok && len(m.index) == hex.EncodedLen(sha256.Size)
}

// writeMarker writes the marker durably: after a crash there is all of it, or
// what was there before.
func writeMarker(fsys vfs.FS, dir string, m marker) error {
	text := fmt.Sprintf("%s%d\n", markerPrefix, storeFormat)
	if m.index != "" {
		text += markerIndex + m.index + "\n"
	}
	name := fsys.PathJoin(dir, markerName)
	if err := writeSynced(fsys, name+".tmp", text); err != nil {
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
