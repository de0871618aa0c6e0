package manifest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// patience is how long a directory that is never left alone may put off that it
// is read, so that it is read at all.
const patience = 5 * time.Second

// quiet is how long a directory must be left alone before it counts as
// written. Editors and git write a file in several steps.
const quiet = 200 * time.Millisecond

// Watch reports on the channel when the manifests of a directory are not what
// they were when Watch was called or at the last report, and closes the
// channel when the context ends. Reports that nobody takes become one. To miss
// nothing call Watch before Load.
//
// The parent of the directory is watched too, so that the directory may come
// and go, and be a symbolic link that is swapped, or hold one as the volumes of
// Kubernetes do. Of other symbolic links in the directory only a replacement
// is noticed, not a write to the file they point to.
//
// An error means that the system does not notify of changes here.
func Watch(ctx context.Context, dir string) (<-chan struct{}, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("watch manifests: %w", err)
	}
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch manifests: %w", err)
	}
	inParent, inDir := notify.Add(filepath.Dir(dir)), notify.Add(dir)
	if inParent != nil && inDir != nil {
		return nil, fmt.Errorf("watch manifests: %w", errors.Join(inParent, inDir, notify.Close()))
	}
	w := watcher{
		dir:     dir,
		events:  notify.Events,
		errors:  notify.Errors,
		content: func() digest { return contentOf(dir) },
		renew: func() {
			// The directory may be another one by now, and the old one need
			// not be watched; or there is none, and the parent tells when
			// there is one again.
			_ = notify.Remove(dir)
			_ = notify.Add(dir)
		},
	}
	changed := make(chan struct{}, 1)
	last := w.content()
	go func() {
		defer close(changed)
		defer notify.Close() //nolint:errcheck // nothing is left to be done
		w.run(ctx, last, changed)
	}()
	return changed, nil
}

// watcher is a watched directory; what it needs of the file system is given,
// so that it can be tested without.
type watcher struct {
	dir    string
	events <-chan fsnotify.Event
	errors <-chan error
	// content returns the digest of the manifests as they are now.
	content func() digest
	// renew begins to watch the directory that has the name now.
	renew func()
}

// run reports until the context ends.
func (w *watcher) run(ctx context.Context, last digest, changed chan<- struct{}) {
	var settled <-chan time.Time
	var restless time.Time // when the events began that settled waits out
	disturbed := func() {
		if settled == nil {
			restless = time.Now()
		}
		if settled == nil || time.Since(restless) < patience {
			settled = time.After(quiet)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-w.events:
			if w.matters(event) {
				disturbed()
			}
		case <-w.errors: //nolint:errcheck // whatever was the matter, looking again mends it
			// Notifications were lost, so anything may have happened.
			disturbed()
		case <-settled:
			settled = nil
			w.renew()
			content := w.content()
			if content == last {
				continue
			}
			last = content
			select {
			case changed <- struct{}{}:
			default: // the last report has not been taken yet and covers this one
			}
		}
	}
}

// matters says whether an event can change what Load returns: the directory
// itself, its manifests, and the names that Kubernetes swaps, which begin with
// two dots.
func (w *watcher) matters(event fsnotify.Event) bool {
	if event.Name == w.dir {
		return true
	}
	dir, name := filepath.Split(event.Name)
	return filepath.Clean(dir) == w.dir && (isManifest(name) || strings.HasPrefix(name, ".."))
}

// digest identifies the content of a directory.
type digest [sha256.Size]byte

// contentOf returns the digest of the manifests of a directory, or of what
// keeps them from being read.
func contentOf(dir string) digest {
	h := sha256.New()
	names, err := list(dir)
	fmt.Fprintf(h, "%d %v\n", len(names), err)
	for _, name := range names {
		data, err := read(filepath.Join(dir, name))
		fmt.Fprintf(h, "%q %d %v\n", name, len(data), err)
		h.Write(data)
	}
	return digest(h.Sum(nil))
}
