package gateway

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/persisted"
	"github.com/twinway/twinway/internal/gateway/policies"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/relay"
	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/session"
	"github.com/twinway/twinway/internal/gateway/twin"
)

// router gives each envelope to who serves its topic.
type router struct {
	twins     *twin.Service
	relay     *relay.Service
	policies  *policies.Service
	persisted *persisted.Service
	search    *search.Service
	metrics   *metrics.Metrics
	clock     func() time.Time
}

// Handle implements session.Handler.
func (r router) Handle(ctx context.Context, from *session.Session, env *protocol.Envelope) {
	switch to := route(env); to {
	case toPersisted:
		r.metrics.Message(metrics.MessageCommand)
		r.persisted.Handle(ctx, from, env)
	case toSearch:
		r.metrics.Message(metrics.MessageCommand)
		r.search.Handle(ctx, from, env)
	case nowhere:
		from.Refuse(env, protocol.ErrTopicNotServed(env.Topic))
	default:
		r.forward(ctx, from, env, to)
	}
}

// requests are the envelopes that HTTP requests become.
type requests struct{ router }

// Handle implements rest.Handler. Streams are for sessions.
func (r requests) Handle(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
	switch to := route(env); to {
	case nowhere, toPersisted, toSearch:
		x := exchange.Begin(from, env, r.metrics, r.clock)
		x.Refuse(protocol.ErrTopicNotServed(env.Topic))
	default:
		r.forward(ctx, from, env, to)
	}
}

// Integrate implements rest.Integrator.
func (r requests) Integrate(ctx context.Context, from exchange.Requester, env *protocol.Envelope, activate bool, bearer policy.Bearer) {
	r.metrics.Message(metrics.MessageCommand)
	r.policies.Integrate(ctx, from, env, activate, bearer)
}

// forward gives an envelope to who serves it for anybody.
func (r router) forward(ctx context.Context, from exchange.Requester, env *protocol.Envelope, to destination) {
	switch to {
	case toTwin:
		r.metrics.Message(metrics.MessageCommand)
		r.twins.Handle(ctx, from, env)
	case toRelay:
		r.metrics.Message(relayed(env))
		r.relay.Handle(ctx, from, env)
	case toPolicies:
		r.metrics.Message(metrics.MessageCommand)
		r.policies.Handle(ctx, from, env)
	case toCustodian:
		r.metrics.Message(metrics.MessageAcknowledgement)
		r.policies.Acknowledge(from, env)
	case discard:
		r.metrics.Message(metrics.MessageDiscarded)
		from.NoReply()
	case nowhere, toPersisted, toSearch:
	}
}

// destination is where an envelope goes.
type destination int

const (
	nowhere destination = iota
	toTwin
	toRelay
	toPolicies
	toPersisted
	toSearch
	toCustodian
	discard
)

// route decides by topic. What only a server sends on the twin channel, events,
// responses and errors, is accepted and has no effect.
func route(env *protocol.Envelope) destination {
	switch t := &env.Topic; {
	case t.Group == protocol.Policies:
		return ofPolicies(env)
	case t.Group == protocol.Things && t.Channel == protocol.Live:
		return ofDevices(t)
	case t.Group == protocol.Things && t.Channel == protocol.Twin:
		return ofTwins(env)
	}
	return nowhere
}

// ofPolicies decides on what is about policies.
func ofPolicies(env *protocol.Envelope) destination {
	switch t := &env.Topic; t.Criterion {
	case protocol.Commands:
		if env.Status != 0 {
			return discard
		}
		return toPolicies
	case protocol.Streaming:
		return streaming(t.Action)
	case protocol.Events:
		return discard
	case protocol.Acks:
		return toCustodian
	}
	return nowhere
}

// ofTwins decides on what is about things as they are stored.
func ofTwins(env *protocol.Envelope) destination {
	switch t := &env.Topic; t.Criterion {
	case protocol.Commands:
		switch {
		case env.Status != 0:
			return discard
		case t.Action == protocol.CheckPermissions:
			return nowhere
		case smart(env):
			return toRelay
		}
		return toTwin
	case protocol.Streaming:
		return streaming(t.Action)
	case protocol.Events:
		return discard
	case protocol.Errors:
		if env.Status != 0 {
			return discard
		}
	case protocol.Acks:
		return toRelay
	case protocol.Search:
		return searching(t.Action)
	}
	return nowhere
}

// searching decides on what clients say about searches. What only a server says of
// them has no effect.
func searching(a protocol.Action) destination {
	switch a {
	case protocol.Subscribe, protocol.Request, protocol.Cancel:
		return toSearch
	}
	return nowhere
}

// smart reports whether a device may be asked in place of the twin. It knows
// nothing of the past, and nothing of other things.
func smart(env *protocol.Envelope) bool {
	h := &env.Headers
	return env.Topic.Action == protocol.Retrieve && env.Topic.Name != protocol.Wildcard &&
		h.Has(protocol.HeaderLiveChannelCondition) &&
		!h.Has(protocol.HeaderAtHistoricalRevision) && !h.Has(protocol.HeaderAtHistoricalTimestamp)
}

// ofDevices decides on what is about things as they are.
func ofDevices(t *protocol.Topic) destination {
	switch t.Criterion {
	case protocol.Commands, protocol.Events, protocol.Messages, protocol.Errors, protocol.Acks:
		return toRelay
	}
	return nowhere
}

// streaming decides on what clients say about persisted events.
func streaming(a protocol.Action) destination {
	switch a {
	case protocol.SubscribeForPersistedEvents, protocol.Request, protocol.Cancel:
		return toPersisted
	}
	return nowhere
}

// relayed returns as what an envelope for the relay counts.
func relayed(env *protocol.Envelope) metrics.MessageKind {
	t := env.Topic
	switch {
	case t.Criterion == protocol.Acks:
		return metrics.MessageAcknowledgement
	case t.Channel == protocol.Twin:
		return metrics.MessageCommand
	case env.Status != 0, t.Criterion == protocol.Errors:
		return metrics.MessageResponse
	case t.Criterion == protocol.Messages:
		return metrics.MessageMessage
	case t.Criterion == protocol.Events:
		return metrics.MessageLiveEvent
	default:
		return metrics.MessageLiveCommand
	}
}
