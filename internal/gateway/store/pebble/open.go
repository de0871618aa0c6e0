package pebble

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	pebbledb "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Open opens the store in a directory, or makes one there.
//
// An index that was made by other rules than Options.IndexRules, or not to its
// end, is made anew from all things. That takes as long as the log says.
//
// Errors: store.ErrLocked, store.ErrVersion, store.ErrCorrupt, or what the
// file system says; store.ErrInvalid if Options.Index returns what cannot be in
// an index. After an error the directory is as it was, perhaps without an index.
func Open(o Options) (*Store, error) {
	s, err := open(o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func open(o Options) (_ *Store, err error) {
	if o.FS == vfs.Default {
		// The lock is by name, within the process.
		if o.Dir, err = filepath.Abs(o.Dir); err != nil {
			return nil, err
		}
	}
	if err := makeDir(o.FS, o.Dir); err != nil {
		return nil, err
	}
	lock, err := lockDir(o.FS, o.Dir)
	if err != nil {
		return nil, err
	}
	s := newStore(o, lock)
	if err := s.openLocked(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.sweeper.start()
	return s, nil
}

// openLocked opens the data base, in the only process that may.
func (s *Store) openLocked() error {
	fsys, dir := s.options.FS, s.options.Dir
	found, err := readMarker(fsys, dir)
	if err != nil {
		return err
	}
	files, err := listFiles(fsys, dir)
	if err != nil {
		return err
	}
	if err := files.check(fsys, found.complete); err != nil {
		return err
	}
	if !found.complete {
		if err := s.create(); err != nil {
			return openError(err, files, fsys)
		}
	}
	p := s.options.pebble()
	p.ErrorIfNotExists = true
	if err := s.openDB(p); err != nil {
		return openError(err, files, fsys)
	}
	err = s.prepare(found)
	if err == nil {
		s.opened.Store(true)
		err = s.failure()
	}
	if err != nil {
		return errors.Join(err, s.db.Close())
	}
	return nil
}

// prepare makes the directory one with the index that is wanted, and marks it
// as such.
func (s *Store) prepare(found marker) error {
	want := marker{complete: true, index: rulesMark(s.options.IndexRules)}
	if found == want {
		return nil
	}
	if found.complete {
		if err := s.rebuildIndex(found); err != nil {
			return err
		}
	}
	if err := s.failure(); err != nil {
		return err
	}
	return writeMarker(s.options.FS, s.options.Dir, want)
}

// create makes an empty data base. It is opened anew for use, because Pebble
// writes its very first log in an older format, in which damage cannot be told
// from the end.
func (s *Store) create() error {
	p := s.options.pebble()
	// What is there may be left from a first start that was cut off, before
	// anything was stored; if something was, the marker has been lost.
	p.ErrorIfNotPristine = true
	if err := s.openDB(p); err != nil {
		return err
	}
	return errors.Join(s.db.Close(), s.failure())
}

// openDB opens the data base. Pebble panics at some kinds of damage, and it is
// not told of failures: ask for them afterwards.
func (s *Store) openDB(p *pebbledb.Options) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", store.ErrCorrupt, r)
		}
	}()
	if s.failstop, err = newFailstop(s.options.FS, s.options.Dir, s.fail); err != nil {
		return err
	}
	p.FS = s.failstop
	p.Lock = s.lock
	p.Logger = logger{slog: s.options.Logger, fatal: s.failstop.stop}
	p.EventListener = s.events()
	s.db, err = pebbledb.Open(s.options.Dir, p)
	return err
}

// dbFiles is what the data base consists of, as far as it is checked here.
type dbFiles struct {
	dir      string
	manifest string // full name, or empty
	logs     []string
	tables   bool
}

func listFiles(fsys vfs.FS, dir string) (dbFiles, error) {
	files := dbFiles{dir: dir}
	desc, err := pebbledb.Peek(dir, fsys)
	if err != nil {
		return files, openError(err, files, fsys)
	}
	if desc.Exists {
		files.manifest = desc.ManifestFilename
	}
	names, err := fsys.List(dir)
	if err != nil {
		return files, err
	}
	for _, name := range names {
		if _, ok := logNumber(name); ok {
			files.logs = append(files.logs, fsys.PathJoin(dir, name))
		}
		files.tables = files.tables || isTable(name)
	}
	slices.SortFunc(files.logs, func(a, b string) int {
		na, _ := logNumber(fsys.PathBase(a))
		nb, _ := logNumber(fsys.PathBase(b))
		return int(na) - int(nb)
	})
	return files, nil
}

// check refuses files that cannot be a whole data base.
func (f dbFiles) check(fsys vfs.FS, complete bool) error {
	switch {
	case f.manifest == "" && complete:
		return f.incomplete("its manifest is missing")
	case f.manifest == "" && (f.tables || len(f.logs) > 0):
		return f.incomplete("there is data, but neither " + markerName + " nor a manifest")
	case f.manifest == "":
		return nil
	case complete && len(f.logs) == 0:
		return f.incomplete("its logs are missing")
	}
	if err := checkManifest(fsys, f.manifest); err != nil {
		return f.missingIsCorrupt(err)
	}
	if len(f.logs) == 0 {
		return nil
	}
	// Of the logs only the newest may have an end that cannot be read; the
	// others are Pebble's to check.
	return checkLog(fsys, f.logs[len(f.logs)-1])
}

func (f dbFiles) incomplete(what string) error {
	return fmt.Errorf("%w: %s is not a whole store: %s; restore it from a backup", store.ErrCorrupt, f.dir, what)
}

func (f dbFiles) missingIsCorrupt(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return f.incomplete(err.Error())
	}
	return err
}

// openError tells damage from a file system that does not work.
func openError(err error, files dbFiles, fsys vfs.FS) error {
	var errno syscall.Errno
	switch {
	case errors.Is(err, store.ErrCorrupt):
		return err
	case errors.Is(err, pebbledb.ErrDBNotPristine):
		return files.incomplete("there is data, but its marker is missing")
	case errors.As(err, &errno) && errno != syscall.ENOENT:
		return err
	}
	return fmt.Errorf("%w: %s: %w%s", store.ErrCorrupt, files.dir, err, files.damagedLogs(fsys))
}

// damagedLogs names the logs that cannot be read to their end, because Pebble
// does not. The newest one may be like that.
func (f dbFiles) damagedLogs(fsys vfs.FS) string {
	var text strings.Builder
	for _, name := range f.logs[:max(len(f.logs)-1, 0)] {
		if err := checkLog(fsys, name); err != nil {
			fmt.Fprintf(&text, "; %s", err)
		}
	}
	return text.String()
}

func lockDir(fsys vfs.FS, dir string) (*pebbledb.Lock, error) {
	lock, err := pebbledb.LockDirectory(dir, fsys)
	if err == nil {
		return lock, nil
	}
	var errno syscall.Errno
	if errors.As(err, &errno) && errno != syscall.EAGAIN && errno != syscall.EACCES {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return nil, fmt.Errorf("%w: %s is in use; stop the gateway that uses it, or give this one a directory of its own (%w)",
		store.ErrLocked, dir, err)
}

// makeDir makes a directory that survives a crash.
func makeDir(fsys vfs.FS, dir string) error {
	if _, err := fsys.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := fsys.PathDir(dir)
	if parent != dir {
		if err := makeDir(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return syncDir(fsys, parent)
}
