package manifest

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// fakeDir is a directory that tests change and make report events.
type fakeDir struct {
	content atomic.Uint32
	renewed atomic.Uint32
	events  chan fsnotify.Event
	errors  chan error
	changed chan struct{}
}

// watchFake watches the directory /config until the test ends. It must be
// called within a bubble of synctest.
func watchFake(t *testing.T) *fakeDir {
	d := &fakeDir{
		events:  make(chan fsnotify.Event),
		errors:  make(chan error),
		changed: make(chan struct{}, 1),
	}
	w := watcher{
		dir:     "/config",
		events:  d.events,
		errors:  d.errors,
		content: func() digest { return digest{byte(d.content.Load())} },
		renew:   func() { d.renewed.Add(1) },
	}
	go w.run(t.Context(), w.content(), d.changed)
	return d
}

// touch makes an event after a pause.
func (d *fakeDir) touch(pause time.Duration, name string) {
	time.Sleep(pause)
	d.events <- fsnotify.Event{Name: name, Op: fsnotify.Write}
}

// reports returns how many reports there are once the directory has been left
// alone for a while.
func (d *fakeDir) reports(pause time.Duration) int {
	time.Sleep(pause)
	synctest.Wait()
	n := len(d.changed)
	for range n {
		<-d.changed
	}
	return n
}

func TestReportsThoughTheContentNeverSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := watchFake(t)
		for range 2 * patience / (quiet / 2) {
			d.content.Add(1)
			d.touch(quiet/2, "/config/a.yaml")
		}
		if n := d.reports(0); n != 1 {
			t.Errorf("%d reports wait after %v of changes, want one", n, 2*patience)
		}
	})
}

func TestReportsWhenTheContentHasSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := watchFake(t)
		for range 5 {
			d.content.Add(1)
			d.touch(quiet-1, "/config/a.yaml")
		}
		if n := d.reports(quiet - 1); n != 0 {
			t.Errorf("reported %d times while the directory is being written", n)
		}
		if n := d.reports(1); n != 1 {
			t.Errorf("reported %d times, want once", n)
		}
		if n := d.reports(time.Hour); n != 0 {
			t.Errorf("reported %d times without a change", n)
		}
	})
}

func TestReportsChangesOfContentOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := watchFake(t)
		d.touch(0, "/config/a.yaml")
		if n := d.reports(time.Second); n != 0 {
			t.Errorf("reported %d times that the same content was written", n)
		}
		d.content.Store(1)
		d.touch(0, "/config/a.yaml")
		if n := d.reports(time.Second); n != 1 {
			t.Errorf("reported %d times, want once", n)
		}
		d.content.Store(0)
		d.touch(0, "/config/a.yaml")
		if n := d.reports(time.Second); n != 1 {
			t.Errorf("reported %d times that the content is as before, want once", n)
		}
	})
}

func TestReportsThatNobodyTakesBecomeOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := watchFake(t)
		for range 3 {
			d.content.Add(1)
			d.touch(time.Second, "/config/a.yaml")
		}
		if n := d.reports(time.Second); n != 1 {
			t.Errorf("%d reports are waiting, want one", n)
		}
	})
}

func TestLostNotificationsAreMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := watchFake(t)
		d.content.Store(1)
		d.errors <- errors.New("queue overflow")
		if n := d.reports(time.Second); n != 1 {
			t.Errorf("reported %d times, want once", n)
		}
	})
}

func TestWhichEventsMatter(t *testing.T) {
	tests := map[string]bool{
		"/config":              true,
		"/config/a.yaml":       true,
		"/config/a.json":       true,
		"/config/..data":       true,
		"/config/a.yaml.swp":   false,
		"/config/.a.yaml":      false,
		"/config/below/a.yaml": false,
		"/other":               false,
		"/a.yaml":              false,
	}
	for name, want := range tests {
		synctest.Test(t, func(t *testing.T) {
			d := watchFake(t)
			d.touch(0, name)
			d.reports(time.Second)
			if got := d.renewed.Load() == 1; got != want {
				t.Errorf("%s: looked at the directory: %v, want %v", name, got, want)
			}
		})
	}
}
