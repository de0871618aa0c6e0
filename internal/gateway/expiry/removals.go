package expiry

import (
	"context"
	"sync"
	"time"
)

// removalTimeout is how long one removal may take.
const removalTimeout = time.Minute

// removal is the removal of a leaver from one entry.
type removal struct {
	leaver *leaver
	entry  string // its label
}

// result is what became of a removal.
type result struct {
	removal
	err error
}

// removals are those that were asked for and are not done. Some are under way,
// each on a goroutine of its own; the others wait.
type removals struct {
	remover Remover
	waiting []removal
	running int
	limit   int
	done    chan result // has room for all that run
	workers sync.WaitGroup
}

func newRemovals(r Remover, limit int) *removals {
	return &removals{remover: r, limit: limit, done: make(chan result, limit)}
}

func (r *removals) add(l *leaver, entry string) {
	r.waiting = append(r.waiting, removal{leaver: l, entry: entry})
}

// start sets as many as possible under way. They end with the context.
func (r *removals) start(ctx context.Context) {
	for ; len(r.waiting) > 0 && r.running < r.limit; r.running++ {
		next := r.waiting[0]
		r.waiting[0] = removal{}
		r.waiting = r.waiting[1:]
		id, subject, expiry := next.leaver.ward.id, next.leaver.id, next.leaver.expiry
		r.workers.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, removalTimeout)
			defer cancel()
			r.done <- result{removal: next, err: r.remover.Expire(ctx, id, next.entry, subject, expiry)}
		})
	}
}

// anyDone reports whether done can be received from.
func (r *removals) anyDone() bool { return len(r.done) > 0 }

// wait returns when none is under way.
func (r *removals) wait() { r.workers.Wait() }

// finished takes the result of a removal. When all of a leaver are done its
// policy is looked at again: if it still has the subject, it is removed again.
func (c *Custodian) finished(r result, now time.Time) {
	c.removals.running--
	l := r.leaver
	if r.err != nil {
		c.hooks.Failed(r.err)
	} else {
		c.hooks.Expired()
	}
	l.removing--
	l.ward.removing--
	if l.removing == 0 {
		l.phase = toDelete
		l.removalWait = c.longer(l.removalWait, maxWorkBackoff)
		l.next = now.Add(l.removalWait)
		l.ward.changed = true
	}
	c.arrange(l.ward, now)
}
