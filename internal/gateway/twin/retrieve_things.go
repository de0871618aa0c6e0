package twin

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// retrieveThings serves the retrieve of several things: one read for each,
// which keeps its place among the commands on its thing.
func (s *Service) retrieveThings(ctx context.Context, r *request, env *protocol.Envelope) {
	cmd, err := thing.NewRetrieveThings(env)
	if err == nil {
		r.options, err = protocol.CommandOptions(&r.headers, true)
	}
	if err != nil {
		r.refuse(err)
		return
	}
	g := &gathering{request: r, thing: cmd, states: make([]*thing.State, len(cmd.IDs)), done: make(chan struct{})}
	g.missing.Store(int64(len(cmd.IDs)))
	deadline := r.deadline(s.settings.Load().Timeout)
	for i, id := range cmd.IDs {
		read := &reading{gathering: g, id: id, index: i}
		read.task = engine.Task{Command: read, Deadline: deadline}
		if err := s.engine.Submit(ctx, &read.task); err != nil {
			read.Complete(err)
		}
	}
	// Every read is completed, at the latest at its deadline. The answer may
	// be large: it is made here, where only its requester waits for it, and
	// no other is begun meanwhile.
	<-g.done
	g.answer()
}

// gathering collects the states of several things.
type gathering struct {
	*request
	thing   *thing.RetrieveThings
	states  []*thing.State
	missing atomic.Int64
	failure atomic.Pointer[protocol.Error]
	done    chan struct{} // closed when no read is missing
}

// arrived notes that one more read is completed.
func (g *gathering) arrived() {
	if g.missing.Add(-1) == 0 {
		close(g.done)
	}
}

// answer answers the command when all reads are completed.
func (g *gathering) answer() {
	if err := g.failure.Load(); err != nil {
		g.fail(err)
		return
	}
	response := g.thing.Response(g.states)
	g.respond(&response)
}

// reading is the read of one of the things. It implements engine.Command.
type reading struct {
	*gathering
	task  engine.Task
	id    string
	index int
	state *thing.State // set by Decide
}

// Key implements engine.Command.
func (r *reading) Key() store.Key { return store.Key{Kind: store.Thing, ID: r.id} }

// Decide implements engine.Command.
func (r *reading) Decide(current *store.Record, _ time.Time) engine.Effect {
	if r.service.policy.MayRead(r.from.Subjects(), nil) {
		r.state = (*thing.State)(current)
	}
	return engine.Effect{}
}

// Complete implements engine.Command.
func (r *reading) Complete(err error) {
	if err != nil {
		r.failure.CompareAndSwap(nil, errorOf(err, r.id, r.timeout()))
	} else {
		r.states[r.index] = r.state
	}
	r.arrived()
}
