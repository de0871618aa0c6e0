package pebble

import "sync"

// oldLogs are the logs of which Pebble, while it opens a data base, wants to
// be rid before it has made the next one. If that failed, or the power did,
// there would be no log, which cannot be told from logs that are lost.
type oldLogs struct {
	mu    sync.Mutex
	names []string
	made  bool // the next one is there
}

// keep reports whether a file must not be removed yet.
func (l *oldLogs) keep(base, name string) bool {
	if _, ok := logNumber(base); !ok {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.made {
		l.names = append(l.names, name)
	}
	return !l.made
}

// take notes that there is a log, and returns what may be removed.
func (l *oldLogs) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := l.names
	l.names, l.made = nil, true
	return names
}

// removeOldLogs removes what was kept, if the file that was made is a log. What
// cannot be removed now is when the store is opened again.
func (f *failstop) removeOldLogs(made string) error {
	if _, ok := logNumber(f.PathBase(made)); !ok {
		return nil
	}
	old := f.logs.take()
	if len(old) == 0 {
		return nil
	}
	if err := syncDir(f.FS, f.PathDir(made)); err != nil {
		return err
	}
	for _, name := range old {
		_ = f.FS.Remove(name)
	}
	return nil
}
