package httppush

import (
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// job is a message that is to have an outcome.
type job struct {
	message *external.Message
	done    func(link.Outcome)
}

// lane is what waits with one key. One worker at most is at it.
type lane struct {
	key  string
	jobs []*job
}

// lanes are what waits, and the workers that take turns: one job of a lane, then the next lane.
type lanes struct {
	workers int
	do      func(*external.Message) link.Outcome

	mu      sync.Mutex
	keyed   map[string]*lane // those of a key, until their last job is done
	ready   []*lane          // those with a job that no worker is at
	working int

	ended sync.WaitGroup
}

func newLanes(workers int, do func(*external.Message) link.Outcome) *lanes {
	return &lanes{workers: max(workers, 1), do: do, keyed: map[string]*lane{}}
}

// put queues a job. Workers are started as there is something for them, and end when there is not.
func (l *lanes) put(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := j.message.Key
	if waiting := l.keyed[key]; waiting != nil && key != "" {
		waiting.jobs = append(waiting.jobs, j)
		return
	}
	fresh := &lane{key: key, jobs: []*job{j}}
	if key != "" {
		l.keyed[key] = fresh
	}
	l.ready = append(l.ready, fresh)
	if l.working < l.workers {
		l.working++
		l.ended.Go(l.work)
	}
}

// work does jobs while there are some.
func (l *lanes) work() {
	for at, j := l.next(nil); at != nil; at, j = l.next(at) {
		j.done(l.do(j.message))
	}
}

// next returns what is to be done next, the first job of a lane, when that of another has been done; nothing if there is nothing.
func (l *lanes) next(left *lane) (*lane, *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if left != nil {
		l.leave(left)
	}
	if len(l.ready) == 0 {
		l.working--
		return nil, nil
	}
	at := l.ready[0]
	l.ready[0], l.ready = nil, l.ready[1:]
	return at, at.jobs[0]
}

func (l *lanes) leave(at *lane) {
	at.jobs[0], at.jobs = nil, at.jobs[1:]
	switch {
	case len(at.jobs) > 0:
		l.ready = append(l.ready, at)
	case at.key != "":
		delete(l.keyed, at.key)
	}
}

// wait returns when every worker has ended. Nothing is queued meanwhile.
func (l *lanes) wait() { l.ended.Wait() }
