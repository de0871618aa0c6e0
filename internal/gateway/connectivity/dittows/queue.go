package dittows

import "sync"

// queue is what waits for one goroutine, in order. It is bounded by the budget that is taken before something is put into it.
type queue[T any] struct {
	ready chan struct{} // holds one value when there may be something

	mu     sync.Mutex
	items  []T
	closed bool
}

func newQueue[T any]() *queue[T] { return &queue[T]{ready: make(chan struct{}, 1)} }

// put appends something, and reports whether the queue is still open.
func (q *queue[T]) put(item T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.items = append(q.items, item)
	if len(q.items) == 1 {
		select {
		case q.ready <- struct{}{}:
		default:
		}
	}
	return true
}

// all waits for something and takes all there is, into the space of what was taken before. There is nothing when end is closed.
func (q *queue[T]) all(end <-chan struct{}, space []T) []T {
	clear(space)
	for {
		q.mu.Lock()
		items := q.items
		if len(items) > 0 {
			q.items = space[:0]
		}
		q.mu.Unlock()
		if len(items) > 0 {
			return items
		}
		select {
		case <-q.ready:
		case <-end:
			return nil
		}
	}
}

// close returns what was not taken. Nothing is put in any more.
func (q *queue[T]) close() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	rest := q.items
	q.items, q.closed = nil, true
	return rest
}
