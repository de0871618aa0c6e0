package twin

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// retrieveThings serves the retrieve of several things: one read for each,
// which keeps its place among the commands on its thing.
func (s *Service) retrieveThings(ctx context.Context, x *exchange.Exchange, env *protocol.Envelope) {
	cmd, err := thing.NewRetrieveThings(env)
	if err == nil {
		err = x.Prepare(ack.TwinQuery, s.settings.Load().Timeout)
	}
	if err != nil {
		x.Refuse(err)
		return
	}
	if cmd.At != nil {
		s.retrievePastThings(ctx, x, cmd)
		return
	}
	parts, err := s.gather(ctx, x.From, cmd, x.Plan.Wait, x.Deadline())
	if err != nil {
		x.Fail(err)
		return
	}
	// The answer may be large: it is made here, where only its requester waits for
	// it, and no other is begun meanwhile.
	x.Respond(exchange.Result(cmd.Response(parts)))
}

// Read returns what a requester may see of several things now, in the order of
// their ids, each within a time; nil for one of which that is nothing.
//
// Errors: command.timeout, things:thing.unavailable.
func (s *Service) Read(
	ctx context.Context, who authority.Subject, things *thing.RetrieveThings, within time.Duration,
) ([][]byte, *protocol.Error) {
	return s.gather(ctx, who, things, within, s.clock().Add(within))
}

// gather reads several things, and returns when all have been read: at the latest at
// the deadline.
func (s *Service) gather(
	ctx context.Context, who authority.Subject, things *thing.RetrieveThings, within time.Duration, deadline time.Time,
) ([][]byte, *protocol.Error) {
	g := &gathering{
		service: s, who: who, within: within, things: things, parts: make([][]byte, len(things.IDs)), done: make(chan struct{}),
	}
	g.missing.Store(int64(len(things.IDs)))
	for i, id := range things.IDs {
		read := &reading{gathering: g, id: id, index: i}
		read.task = engine.Task{Command: read, Deadline: deadline}
		if err := s.engine.Submit(ctx, &read.task); err != nil {
			read.Complete(err)
		}
	}
	<-g.done
	if err := g.failure.Load(); err != nil {
		return nil, err
	}
	return g.parts, nil
}

// gathering collects what may be read of several things.
type gathering struct {
	service *Service
	who     authority.Subject
	within  time.Duration
	things  *thing.RetrieveThings
	parts   [][]byte
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

// reading is the read of one of the things. It implements engine.Command.
type reading struct {
	*gathering
	task  engine.Task
	id    string
	index int

	// Set by Decide.
	part    []byte
	refused *protocol.Error
	err     error
}

// Key implements engine.Command.
func (r *reading) Key() store.Key { return store.Key{Kind: store.Thing, ID: r.id} }

// Decide implements engine.Command. Protocol rule: what the requester may not
// address is left out, like what they may not read.
func (r *reading) Decide(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
	if !r.who.MayAccess(protocol.Things, protocol.NamespaceOf(r.id)) {
		return engine.Effect{}
	}
	who := r.service.authority.On(r.who, siblings)
	r.part, r.refused = r.things.Part((*thing.State)(current), who, now, nil)
	r.err = who.Err()
	return engine.Effect{}
}

// Complete implements engine.Command.
func (r *reading) Complete(err error) {
	switch {
	case err != nil:
		r.failure.CompareAndSwap(nil, errorOf(err, r.id, r.within))
	case r.err != nil:
		r.failure.CompareAndSwap(nil, protocol.ErrThingUnavailable(r.id))
	case r.refused != nil:
		r.failure.CompareAndSwap(nil, r.refused)
	default:
		r.parts[r.index] = r.part
	}
	r.arrived()
}
