package engine

import (
	"sync/atomic"
	"time"
)

// outstanding links a task into its shard's list of tasks that were submitted
// and not completed, so that the watchdog finds those whose deadline passed
// wherever they wait: in the queue, in a decision or for the disk.
type outstanding struct {
	answered   atomic.Bool
	prev, next *Task
	listed     bool
}

// complete tells the command the outcome unless somebody else has.
func (t *Task) complete(err error) {
	if t.answered.CompareAndSwap(false, true) {
		t.Command.Complete(err)
	}
}

// taskList is a doubly linked list of tasks with a deadline. earliest is a
// lower bound of their deadlines, zero when there is none.
type taskList struct {
	first    *Task
	earliest time.Time
}

func (l *taskList) add(t *Task) {
	if t.Deadline.IsZero() {
		return
	}
	t.listed = true
	t.next = l.first
	if l.first != nil {
		l.first.prev = t
	}
	l.first = t
	if l.earliest.IsZero() || t.Deadline.Before(l.earliest) {
		l.earliest = t.Deadline
	}
}

func (l *taskList) remove(t *Task) {
	if !t.listed {
		return
	}
	t.listed = false
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		l.first = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
	if l.first == nil {
		l.earliest = time.Time{}
	}
}

// takeOverdue removes and returns the tasks whose deadline is not after now.
// It costs nothing while the lower bound lies ahead.
func (l *taskList) takeOverdue(now time.Time) []*Task {
	if l.earliest.IsZero() || l.earliest.After(now) {
		return nil
	}
	var overdue []*Task
	var earliest time.Time
	for t := l.first; t != nil; {
		next := t.next
		if !t.Deadline.After(now) {
			l.remove(t)
			overdue = append(overdue, t)
		} else if earliest.IsZero() || t.Deadline.Before(earliest) {
			earliest = t.Deadline
		}
		t = next
	}
	l.earliest = earliest
	return overdue
}
