package finder

import (
	"context"
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
	first    chan struct{} // closed when they have been counted for the first time; nil before that begins
}

// Things are counted again after as many times as long as it has taken to count them, and not before a moment: after much longer
// if changes are told.
const (
	countEvery     = 100
	countMoment    = time.Second
	countEveryTold = 10_000
)

// known returns how many things there are, about, unless they are to be counted now. While they are counted that is the number from
// before; if there is none, who wants to know waits as long as the context allows, and then nothing is known.
func (p *population) known(ctx context.Context, now time.Time) (things int64, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.counting && !now.Before(p.due) {
		return 0, false
	}
	if first := p.first; p.due.IsZero() {
		p.mu.Unlock()
		select {
		case <-first:
		case <-ctx.Done():
		}
		p.mu.Lock()
	}
	return p.things + p.changes.since(p.made), !p.due.IsZero()
}

// count returns how many things a view has, about. Who comes while they are counted gets the number from before; if there is none,
// nothing is known.
func (p *population) count(now time.Time, view store.View) (things int64, known bool) {
	p.mu.Lock()
	if p.counting || now.Before(p.due) {
		defer p.mu.Unlock()
		return p.things + p.changes.since(p.made), !p.due.IsZero()
	}
	p.counting = true
	if p.first == nil {
		p.first = make(chan struct{})
		defer close(p.first)
	}
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
	return p.things, true
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
