package dittows

import (
	"errors"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// errNoAnswer says that the other end has not answered in time.
var errNoAnswer = errors.New("the other end has not answered in time")

// waiter waits for answers. Its methods are called without a lock, and do not block.
type waiter interface {
	// take takes an answer, and reports whether it was the last.
	take(*frame) bool
	// miss takes that none will come, or no more. It is called at most once, and not after the last answer.
	miss(error)
}

// book says who waits for which answers, by their correlation ids.
type book struct {
	mu      sync.Mutex
	waiting map[string]entry // nil when closed
}

type entry struct {
	waiter
	until time.Time
}

func newBook() *book { return &book{waiting: map[string]entry{}} }

// add has somebody wait until a time. The error is link.ErrLost.
func (b *book) add(id string, w waiter, until time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting == nil {
		return link.ErrLost
	}
	b.waiting[id] = entry{w, until}
	return nil
}

// remove has nobody wait any more, and reports whether somebody did.
func (b *book) remove(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.waiting[id]
	delete(b.waiting, id)
	return ok
}

// take reports whether somebody waited for the answer.
func (b *book) take(f *frame) bool {
	id := f.id()
	b.mu.Lock()
	e, ok := b.waiting[id]
	b.mu.Unlock()
	// Answers come from one goroutine, so only remove, expire and close can come between.
	if ok && e.waiter.take(f) {
		b.remove(id)
	}
	return ok
}

// expire ends what waits for too long.
func (b *book) expire(now time.Time, err error) {
	for _, e := range b.cut(func(e entry) bool { return !now.Before(e.until) }) {
		e.miss(err)
	}
}

// close ends all.
func (b *book) close(err error) {
	all := b.cut(func(entry) bool { return true })
	b.mu.Lock()
	late := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	for _, e := range late {
		all = append(all, e)
	}
	for _, e := range all {
		e.miss(err)
	}
}

func (b *book) cut(is func(entry) bool) (out []entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, e := range b.waiting {
		if is(e) {
			out = append(out, e)
			delete(b.waiting, id)
		}
	}
	return out
}
