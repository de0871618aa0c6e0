package finder

import (
	"container/list"
	"context"
	"runtime"
	"sync"
)

// turns let a few searches work at a time, so that others have processors left, who change things among them. Searches come up for
// one step of their work after the other. Users take turns, however many searches each of them has; which one of a user's is next
// is for their queue to say.
type turns struct {
	mu      sync.Mutex
	free    int    // nobody waits while there are any
	begun   uint64 // places so far
	waiting map[string]*queue
	users   list.List // of *queue, of each user who waits; whose turn is next comes first
}

// place is that of a search among others of its user, from when it first takes a turn. It is used by one goroutine at a time.
type place struct {
	number uint64 // the older, the smaller; 0: it has not taken its place yet
	done   int    // turns so far

	// These are of turns.
	come chan struct{} // closed when its turn has come
	at   int           // where it is in its line
	line *line         // nil if it does not wait
}

// newTurns returns turns of so many searches at a time.
func newTurns(n int) *turns { return &turns{free: n, waiting: map[string]*queue{}} }

// usualTurns is how many searches work at a time: they leave half of the processors to others.
func usualTurns() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// tryTake reports whether there was a turn without waiting. It must be given back.
func (t *turns) tryTake(p *place) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seat(p)
	if t.free == 0 {
		return false
	}
	t.free--
	p.done++
	return true
}

// take waits until it is a user's turn, and within that the place's. It must be given back. The error is the context's.
func (t *turns) take(ctx context.Context, user string, p *place) error {
	if t.tryTake(p) {
		return nil
	}
	come := t.join(user, p)
	select {
	case <-come:
		return nil
	case <-ctx.Done():
	}
	if !t.leave(user, p) {
		t.give() // it has come meanwhile
	}
	return ctx.Err()
}

// give gives a turn back, to who comes next.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.users.Front()
	if first == nil {
		t.free++
		return
	}
	t.users.MoveToBack(first)
	q, _ := first.Value.(*queue)
	t.call(q, q.next())
}

// seat gives a place its number.
func (t *turns) seat(p *place) {
	if p.number == 0 {
		t.begun++
		p.number = t.begun
	}
}

// join lets a place wait, and returns what is closed when its turn has come.
func (t *turns) join(user string, p *place) (come <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p.come = make(chan struct{})
	if t.free > 0 {
		t.free--
		p.done++
		close(p.come)
		return p.come
	}
	q := t.waiting[user]
	if q == nil {
		q = &queue{user: user}
		q.among = t.users.PushBack(q)
		t.waiting[user] = q
	}
	q.add(p)
	return p.come
}

// leave ends waiting, and reports whether it has not ended before.
func (t *turns) leave(user string, p *place) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.line == nil {
		return false
	}
	t.remove(t.waiting[user], p)
	return true
}

// call lets the turn of a place come.
func (t *turns) call(q *queue, p *place) {
	t.remove(q, p)
	p.done++
	close(p.come)
}

// remove takes a place out of its queue, and its user if it was the last.
func (t *turns) remove(q *queue, p *place) {
	if q.take(p); q.empty() {
		t.users.Remove(q.among)
		delete(t.waiting, q.user)
	}
}
