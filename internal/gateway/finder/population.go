package finder

import (
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// population knows how many things there are, about.
type population struct {
	changes *Changes // nil: they are not told

	mu       sync.Mutex
	things   int64
	made     int64     // when they were counted, of changes
	due      time.Time // when they are to be counted again
	counting bool
}

// Things are counted again after as many times as long as it has taken to count them, and not before a moment: after much longer
// if changes are told.
const (
	countEvery     = 100
	countMoment    = time.Second
	countEveryTold = 10_000
)

// count returns how many things a view has, about. Who comes while they are counted gets the number from before.
func (p *population) count(now time.Time, view store.View) int64 {
	p.mu.Lock()
	if p.counting || now.Before(p.due) {
		defer p.mu.Unlock()
		return p.things + p.changes.since(p.made)
	}
	p.counting = true
	p.mu.Unlock()
	began, made := time.Now(), p.changes.since(0)
	n, err := countThings(view)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counting = false
	if err == nil {
		p.things, p.made = n, made
	}
	every := time.Duration(countEvery)
	if p.changes != nil {
		every = countEveryTold
	}
	p.due = now.Add(max(countMoment, every*time.Since(began)))
	return p.things
}

func countThings(view store.View) (n int64, err error) {
	keys, err := view.Keys(index.Things.Lower, index.Things.Upper)
	if err != nil {
		return 0, err
	}
	for ok := keys.First(); ok; ok = keys.Next() {
		n++
	}
	if err := keys.Error(); err != nil {
		_ = keys.Close()
		return 0, err
	}
	return n, keys.Close()
}
