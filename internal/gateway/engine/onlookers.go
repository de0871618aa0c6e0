package engine

import (
	"sync"

	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// onlookers are the tasks of a shard that change nothing and have seen what was
// decided before and is not settled yet: a group that is not durable, or of which
// not everything is told. They wait for that group, and for none that is decided
// later.
type onlookers struct {
	mu      sync.Mutex
	room    sync.Cond // there are less than limit again
	limit   int
	settled uint64 // the number of the last group that everybody knows of
	waiting []onlooker
}

type onlooker struct {
	task   *Task
	signal *pubsub.Signal // nil for none
	seen   uint64         // the number of the latest group it has seen
}

func newOnlookers(limit int) *onlookers {
	o := &onlookers{limit: limit}
	o.room.L = &o.mu
	return o
}

// add has a task wait for what it has seen, and reports whether it does.
func (o *onlookers) add(one onlooker) (waits bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if one.seen <= o.settled {
		return false
	}
	o.waiting = append(o.waiting, one)
	return true
}

// awaitRoom waits until there are less than the limit. Whatever is decided
// together then may wait, too.
func (o *onlookers) awaitRoom() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.waiting) >= o.limit {
		o.room.Wait()
	}
}

// settle tells all who have waited for a group, in their order, and lets none
// wait for it any more. Most are told while others are decided; for the last,
// who came meanwhile, that is held up, so that nobody overtakes them.
func (o *onlookers) settle(group uint64, tell func([]onlooker)) {
	tell(o.take(group))
	o.mu.Lock()
	defer o.mu.Unlock()
	tell(o.cut(group))
	o.settled = group
}

func (o *onlookers) take(group uint64) []onlooker {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cut(group)
}

// cut takes out those who have waited for a group. It is called with the lock
// held.
func (o *onlookers) cut(group uint64) (taken []onlooker) {
	var rest []onlooker
	for _, one := range o.waiting {
		if one.seen <= group {
			taken = append(taken, one)
		} else {
			rest = append(rest, one)
		}
	}
	if len(taken) > 0 {
		o.waiting = rest
		o.room.Signal()
	}
	return taken
}
