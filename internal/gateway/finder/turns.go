package finder

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// turns let a few searches work at a time, so that others have processors left, who change things among them. Searches come up for
// one step of their work after the other. Users take turns, however many searches each of them has; those of one user are served
// in the order in which they have come.
type turns struct {
	mu      sync.Mutex
	free    int                // nobody waits while there are any
	waiting map[string][]*turn // of each user who waits
	users   []string           // who waits, whose turn is next comes first
}

// turn is a place in the queue.
type turn struct{ come chan struct{} }

// newTurns returns turns of so many searches at a time.
func newTurns(n int) *turns { return &turns{free: n, waiting: map[string][]*turn{}} }

// usualTurns is how many searches work at a time: they leave half of the processors to others.
func usualTurns() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// tryTake reports whether there was a turn without waiting. It must be given back.
func (t *turns) tryTake() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free == 0 {
		return false
	}
	t.free--
	return true
}

// take waits until it is a user's turn, which must be given back. The error is the context's.
func (t *turns) take(ctx context.Context, user string) error {
	mine := t.join(user)
	select {
	case <-mine.come:
		return nil
	case <-ctx.Done():
	}
	if !t.leave(user, mine) {
		t.give() // it has come meanwhile
	}
	return ctx.Err()
}

// give gives a turn back, to who comes next.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.users) == 0 {
		t.free++
		return
	}
	user := t.users[0]
	t.users = append(slices.Delete(t.users, 0, 1), user)
	next := t.waiting[user][0]
	t.remove(user, next)
	close(next.come)
}

// join lets a user wait.
func (t *turns) join(user string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := &turn{make(chan struct{})}
	if t.free > 0 {
		t.free--
		close(mine.come)
		return mine
	}
	if len(t.waiting[user]) == 0 {
		t.users = append(t.users, user)
	}
	t.waiting[user] = append(t.waiting[user], mine)
	return mine
}

// leave ends waiting, and reports whether it has not ended before.
func (t *turns) leave(user string, mine *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.waiting[user], mine) {
		return false
	}
	t.remove(user, mine)
	return true
}

// remove takes a turn out of the queue, and its user if it was the last.
func (t *turns) remove(user string, which *turn) {
	left := slices.DeleteFunc(t.waiting[user], func(w *turn) bool { return w == which })
	if len(left) > 0 {
		t.waiting[user] = left
		return
	}
	delete(t.waiting, user)
	t.users = slices.DeleteFunc(t.users, func(u string) bool { return u == user })
}
