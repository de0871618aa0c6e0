package gateway

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/persisted"
	"github.com/twinway/twinway/internal/gateway/policies"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/session"
	"github.com/twinway/twinway/internal/gateway/twin"
)

// router gives each envelope to who serves its topic.
type router struct {
	twins     *twin.Service
	policies  *policies.Service
	persisted *persisted.Service
	metrics   *metrics.Metrics
}

// Handle implements session.Handler.
func (r router) Handle(ctx context.Context, from *session.Session, env *protocol.Envelope) {
	switch route(env) {
	case toTwin:
		r.metrics.Message(metrics.MessageCommand)
		r.twins.Handle(ctx, from, env)
	case toPolicies:
		r.metrics.Message(metrics.MessageCommand)
		r.policies.Handle(ctx, from, env)
	case toPersisted:
		r.metrics.Message(metrics.MessageCommand)
		r.persisted.Handle(ctx, from, env)
	case toCustodian:
		r.metrics.Message(metrics.MessageAcknowledgement)
		r.policies.Acknowledge(from, env)
	case discard:
		r.metrics.Message(metrics.MessageDiscarded)
		from.NoReply()
	default:
		from.Refuse(env, protocol.ErrTopicNotServed(env.Topic))
	}
}

// destination is where an envelope goes.
type destination int

const (
	nowhere destination = iota
	toTwin
	toPolicies
	toPersisted
	toCustodian
	discard
)

// route decides by topic. What only a server sends, events and responses, is
// accepted and has no effect. The live channel, messages and search are not
// served yet.
func route(env *protocol.Envelope) destination {
	t := env.Topic
	var to destination
	switch {
	case t.Group == protocol.Things && t.Channel == protocol.Twin:
		to = toTwin
	case t.Group == protocol.Policies:
		to = toPolicies
	default:
		return nowhere
	}
	switch t.Criterion {
	case protocol.Commands:
		switch {
		case env.Status != 0:
			return discard
		case t.Action == protocol.CheckPermissions && to != toPolicies:
			return nowhere
		}
		return to
	case protocol.Streaming:
		return streaming(t.Action)
	case protocol.Events:
		return discard
	case protocol.Acks:
		if to == toPolicies {
			return toCustodian
		}
		return nowhere
	default:
		return nowhere
	}
}

// streaming decides on what clients say about persisted events.
func streaming(a protocol.Action) destination {
	switch a {
	case protocol.SubscribeForPersistedEvents, protocol.Request, protocol.Cancel:
		return toPersisted
	}
	return nowhere
}
