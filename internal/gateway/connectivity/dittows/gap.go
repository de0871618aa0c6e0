package dittows

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// gap closes what is missing of the events of twins.
type gap struct {
	client *client
	memory *memory
	gate   *gate
	// remote is what time it was at the other end when the session was opened.
	remote time.Time
	// began has what is to be closed, when events were asked for.
	began chan struct{}

	mu sync.Mutex
	// scope is what is asked for now, and resumes says that there is a gap.
	scope    scope
	asked    bool
	resumes  bool
	lifetime context.Context //nolint:containedctx // Of what is asked for.
	cancel   context.CancelFunc
}

// scope is which events are asked for.
type scope struct {
	source, filter string
	namespaces     []string
}

// counts are what came of a gap.
type counts struct {
	mu sync.Mutex
	// things had gaps, of events that were replayed. Whole are those that were told of as a whole, deleted those that were gone, and open those of which
	// something remains missing.
	things, events, whole, deleted, open int
}

func (n *counts) add(to *int, count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	*to += count
}

// prepare is called before events are asked for. If some are missing new ones are held back from now on.
func (g *gap) prepare(s *snapshot.Subscription) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.scope = scope{source: s.Name, filter: s.Filter, namespaces: s.Namespaces}
	g.memory.limitTo(s.Namespaces)
	if g.asked {
		return // the session goes on
	}
	g.asked = true
	g.lifetime, g.cancel = context.WithCancel(g.client.ctx)
	g.resumes = g.memory.begin(g.remote)
	if g.resumes {
		g.gate.compare()
	}
}

// begin is called when the other end sends events.
func (g *gap) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.resumes {
		g.resumes = false
		g.began <- struct{}{}
	}
}

// abandon is called when events are no longer asked for.
func (g *gap) abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.asked {
		return
	}
	g.asked, g.resumes = false, false
	g.cancel()
	select {
	case <-g.began:
	default:
	}
	g.gate.abandon()
	g.memory.forget()
}

// current returns what is asked for, and for how long.
func (g *gap) current() (context.Context, scope) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.asked {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return ctx, g.scope
	}
	return g.lifetime, g.scope
}

// watches reports whether events are asked for, so that gaps will be closed.
func (g *gap) watches() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// run closes gaps until the client is lost.
func (g *gap) run() {
	for {
		select {
		case <-g.client.Lost():
			return
		case <-g.began:
			g.close()
		case <-g.memory.wake:
			g.retell()
		}
	}
}

// close closes the gap between two clients.
func (g *gap) close() {
	ctx, scope := g.current()
	n := &counts{}
	before := g.client.clock()
	jobs, wait := g.replayers(ctx, n)
	err := g.compareKnown(ctx, scope, jobs)
	if err == nil {
		err = g.findChanged(ctx, scope, jobs)
	}
	close(jobs)
	wait()
	if ctx.Err() != nil {
		return // the next client does it
	}
	if err != nil {
		g.note(err)
	}
	for thing, revision := range g.gate.compared() {
		g.replay(ctx, &job{thing: thing, scope: scope, until: revision, since: g.memory.since()}, n)
	}
	if ctx.Err() != nil {
		return
	}
	g.memory.closed()
	n.mu.Lock()
	defer n.mu.Unlock()
	g.client.log.Info("what was missing of the other end's events was replayed", "things", n.things, "events", n.events,
		"whole", n.whole, "deleted", n.deleted, "missing", n.open, "took", g.client.clock().Sub(before))
}

// note says once what the other end does not offer.
func (g *gap) note(err error) {
	if _, ok := errors.AsType[*refusedStream](err); !ok || g.memory.note() {
		g.client.log.Warn("events of the other end may be missing", "error", err)
	}
}

// replayersAtOnce is how many things are replayed at once.
const replayersAtOnce = 4

// replayers returns where to put what is to be replayed, and what waits for all of it when that was closed.
func (g *gap) replayers(ctx context.Context, n *counts) (jobs chan<- *job, wait func()) {
	queue := make(chan *job)
	var all sync.WaitGroup
	for range replayersAtOnce {
		all.Go(func() {
			for j := range queue {
				if ctx.Err() == nil {
					g.replay(ctx, j, n)
				}
			}
		})
	}
	return queue, all.Wait
}

// maxRedelivery is the longest time until an event comes again.
const maxRedelivery = 10 * time.Second

// retell tells events again that should come again, after a while.
func (g *gap) retell() {
	delay := g.client.settings.redelivery << min(g.memory.retries()-1, 10)
	timer := time.NewTimer(min(max(delay, 0), max(maxRedelivery, 0)))
	defer timer.Stop()
	select {
	case <-g.client.Lost():
		return // the next client finds that they are missing
	case <-g.began:
		g.close()
	case <-timer.C:
	}
	ctx, scope := g.current()
	n := &counts{}
	for _, thing := range g.memory.takeFailed() {
		if ctx.Err() != nil {
			return // it remains owed
		}
		g.gate.begin(thing)
		g.replay(ctx, &job{thing: thing, scope: scope, until: g.memory.repay(thing)}, n)
	}
}
