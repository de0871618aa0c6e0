package relay

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// message sends a message.
func (s *Service) message(ctx context.Context, x exchange.Exchange, env *protocol.Envelope) {
	m, err := live.NewMessage(env)
	if err != nil {
		x.Refuse(err)
		return
	}
	m.Originator = x.Originator()
	kind := metrics.LiveMessage
	if m.IsClaim() {
		kind = metrics.LiveClaim
	}
	r := &request{Exchange: x, service: s, content: message{m}, kind: kind, hub: s.hubs.Messages}
	s.send(ctx, r, ack.Message)
}

// event sends an event. Protocol rules: there is no response to one, and whoever says that they want none is not told either
// that it was not sent.
func (s *Service) event(ctx context.Context, x exchange.Exchange, env *protocol.Envelope) {
	e, err := live.NewEvent(env)
	if err != nil {
		refuseUnlessUntold(&x, env, err)
		return
	}
	e.Originator = x.Originator()
	s.send(ctx, &request{Exchange: x, service: s, content: event{e}, kind: metrics.LiveEvent, hub: s.hubs.Events}, ack.Event)
}

// refuseUnlessUntold answers what a device has sent of the wrong shape, if it wants to know.
func refuseUnlessUntold(x *exchange.Exchange, env *protocol.Envelope, err *protocol.Error) {
	if live.Untold(env, err) {
		x.From.NoReply()
		return
	}
	x.Refuse(err)
}

// command sends a command to a device, or has the twin answer it.
func (s *Service) command(ctx context.Context, x exchange.Exchange, env *protocol.Envelope) {
	r := &request{Exchange: x, service: s, kind: metrics.LiveCommand, hub: s.hubs.Commands}
	if err := r.readCommand(env); err != nil {
		x.Refuse(err)
		return
	}
	s.send(ctx, r, r.kindOfCommand())
}

// readCommand reads a command of channel live, or a smart retrieve.
func (r *request) readCommand(env *protocol.Envelope) (err *protocol.Error) {
	if env.Topic.Channel == protocol.Twin {
		if r.smart, err = newSmart(env, r.Originator()); err != nil {
			return err
		}
		env = onChannel(env, protocol.Live)
	}
	c, err := live.NewCommand(env)
	if err != nil {
		return err
	}
	if c.UseTwin && r.smart == nil {
		if r.smart, err = newSmart(env, r.Originator()); err != nil {
			return err
		}
	}
	c.Originator = r.Originator()
	r.content, r.Path = command{c}, c.Path
	return nil
}

func (r *request) kindOfCommand() ack.Kind {
	switch {
	case r.smart != nil:
		return ack.SmartRetrieve
	case r.Topic.Action == protocol.Retrieve:
		return ack.LiveQuery
	}
	return ack.LiveCommand
}

// send does what can be done of a request without the state of its thing, and hands it to the engine.
func (s *Service) send(ctx context.Context, r *request, kind ack.Kind) {
	if err := r.Prepare(kind, s.settings.Load().Timeout); err != nil {
		r.Refuse(err)
		return
	}
	if kind == ack.Event {
		r.toldOfFailure()
	}
	if !r.From.MayAccess(protocol.Things, r.Topic.Namespace) {
		r.Fail(protocol.ErrNamespaceNotAccessible(r.Topic.Namespace))
		return
	}
	if r.waits() && r.smart == nil {
		if err := r.open(); err != nil {
			r.Refuse(err)
			return
		}
	}
	r.task = engine.Task{Command: r}
	if r.waits() {
		r.task.Deadline = r.Deadline()
	}
	if err := s.engine.Submit(ctx, &r.task); err != nil {
		r.Complete(err)
	}
}

// toldOfFailure says that the sender of an event is told of errors, unless it wants to be told nothing.
func (r *request) toldOfFailure() {
	required, given := r.Headers.Bool(protocol.HeaderResponseRequired)
	r.Plan.ResponseRequired = required || !given
}
