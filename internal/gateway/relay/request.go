package relay

import (
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/telling"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// request is what somebody sends, on its way to its receivers. It implements engine.Command and, in publish.go, pubsub.Body.
type request struct {
	exchange.Exchange
	service *Service
	task    engine.Task
	content content
	kind    metrics.LiveSignal
	hub     *pubsub.Hub
	signal  pubsub.Signal
	// waiting is who waits for what becomes of it, nil if nobody does.
	waiting *waiting
	// smart is nil unless the twin may answer, too.
	smart *smart

	// Set by Decide.
	state   *thing.State
	failure *protocol.Error
	readers readers

	// telling is of use while the signal is published to somebody who wants something of it.
	telling *telling.Telling
}

// waits reports whether the requester waits for others.
func (r *request) waits() bool { return r.Plan.Reply != ack.Silent }

// Key implements engine.Command.
func (r *request) Key() store.Key { return store.Key{Kind: store.Thing, ID: r.Topic.EntityID()} }

// Decide implements engine.Command. Nothing changes: what is decided is whether the signal is sent. It keeps its place among the
// events of the thing, but for a smart retrieve, of which it is first to be seen who answers it.
func (r *request) Decide(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
	who := r.service.authority.On(r.From, siblings)
	r.state = (*thing.State)(current)
	if r.smart != nil {
		r.failure = r.smart.decide(r.state, who, now, r.service.settings.Load().Limits)
	} else {
		r.failure = r.decide(who, now)
	}
	if who.Err() != nil {
		r.failure = protocol.ErrThingUnavailable(r.Topic.EntityID())
	}
	if r.failure != nil {
		return engine.Effect{}
	}
	r.readers = readers{
		service: r.service, policyID: r.state.PolicyID(), namespace: r.Topic.Namespace, governing: who.Governing(),
	}
	if r.smart != nil {
		return engine.Effect{}
	}
	return engine.Effect{Signal: r.makeSignal()}
}

// decide says why the signal is not sent. Protocol rule: first it matters whether there is the thing, then whether the condition
// holds, which the requester must be permitted to know, and then whether they may send the signal.
func (r *request) decide(who thing.Authority, now time.Time) *protocol.Error {
	if !r.state.Exists() {
		return protocol.ErrThingNotFound(r.Topic.EntityID())
	}
	policyID := r.state.PolicyID()
	rights, governed := who.ThingRights(policyID, r.Topic.Namespace)
	if !governed {
		return r.content.ungoverned(policyID)
	}
	if err := thing.CheckCondition(r.content.condition(), r.state, rights, now); err != nil {
		return err
	}
	return r.content.Authorize(rights)
}

// Complete implements engine.Command. With an error it uses nothing that Decide sets.
func (r *request) Complete(err error) {
	switch {
	case errors.Is(err, engine.ErrTimeout) && r.waiting != nil && r.Plan.Reply == ack.Aggregate:
		r.From.NoReply() // the wait, which ends at the same time, says what is missing
	case errors.Is(err, engine.ErrTimeout):
		r.fail(protocol.ErrCommandTimeout(r.Plan.Wait))
	case err != nil:
		r.fail(protocol.ErrThingUnavailable(r.Topic.EntityID()))
	case r.failure != nil:
		r.fail(r.failure)
	case r.smart != nil:
		r.completeSmart()
	default:
		r.published()
	}
}

// fail tells the requester that the signal is not sent: before NoReply, which otherwise says to who waits for no answer that it was.
func (r *request) fail(err *protocol.Error) {
	if r.waiting == nil {
		r.Fail(err)
		return
	}
	r.waiting.wait.Fail(err)
	r.From.NoReply()
}
