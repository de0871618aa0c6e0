package engine

import (
	"context"
	"sync"
	"time"
)

// queue holds the tasks of a shard that wait for their decision. It is
// bounded; who submits to a full queue waits, which is how pressure gets back
// to the sockets.
type queue struct {
	mu     sync.Mutex
	tasks  []*Task
	spare  []*Task // the slice taken last, to be filled next
	limit  int
	closed bool
	list   taskList
	since  time.Time // when the oldest task in tasks arrived

	arrived chan struct{} // capacity 1: tasks is not empty or closed is set
	space   chan struct{} // nil, or what somebody waits on until tasks was taken
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, arrived: make(chan struct{}, 1)}
}

// push appends a task, waiting for space as long as ctx allows.
//
// Errors: ErrClosed, the context's cause.
func (q *queue) push(ctx context.Context, t *Task, now func() time.Time) error {
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return ErrClosed
		}
		if len(q.tasks) < q.limit {
			break
		}
		if q.space == nil {
			q.space = make(chan struct{})
		}
		space := q.space
		q.mu.Unlock()
		select {
		case <-space:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	first := len(q.tasks) == 0
	if first {
		q.since = now()
	}
	q.tasks = append(q.tasks, t)
	q.list.add(t)
	q.mu.Unlock()
	if first {
		q.wake()
	}
	return nil
}

func (q *queue) wake() {
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

// take waits for tasks and returns all that are there, in order. ok is false
// when the queue is closed and empty. The slice is valid until the next take.
func (q *queue) take() (tasks []*Task, ok bool) {
	for {
		q.mu.Lock()
		if len(q.tasks) > 0 {
			tasks = q.tasks
			q.tasks, q.spare = q.spare[:0], tasks
			q.releaseWaiters()
			q.mu.Unlock()
			return tasks, true
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil, false
		}
		<-q.arrived
	}
}

// releaseWaiters lets those who wait for space look again. The caller holds
// the lock.
func (q *queue) releaseWaiters() {
	if q.space != nil {
		close(q.space)
		q.space = nil
	}
}

// done takes completed tasks off the list of the watchdog.
func (q *queue) done(tasks []*Task) {
	q.mu.Lock()
	for _, t := range tasks {
		q.list.remove(t)
	}
	q.mu.Unlock()
}

// overdue takes the tasks whose deadline has passed off the list.
func (q *queue) overdue(now time.Time) []*Task {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.list.takeOverdue(now)
}

// close refuses further tasks; those in the queue are still taken.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.releaseWaiters()
	q.mu.Unlock()
	q.wake()
}

// depth returns how many tasks wait and since when the oldest does.
func (q *queue) depth() (n int, since time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.tasks), q.since
}
