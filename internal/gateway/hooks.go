package gateway

import (
	"log/slog"
	"slices"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/session"
	"github.com/twinway/twinway/internal/gateway/store"
)

// hubs are where sessions subscribe.
func (g *Gateway) hubs() session.Hubs {
	return session.Hubs{
		protocol.SignalEvents: g.events, protocol.SignalPolicyAnnouncements: g.announcements,
		protocol.SignalMessages: g.live.Messages, protocol.SignalLiveCommands: g.live.Commands, protocol.SignalLiveEvents: g.live.Events,
	}
}

// publisher brings the engine's signals to their hubs, those of the twins to that
// of events, and counts these.
type publisher struct {
	hub     *pubsub.Hub
	metrics *metrics.Metrics
}

// Publish implements engine.Publisher. What a subscriber receives from several
// hubs comes in the order of the signals.
func (p publisher) Publish(signals []*pubsub.Signal) {
	for len(signals) > 0 {
		hub := signals[0].Hub
		other := slices.IndexFunc(signals, func(s *pubsub.Signal) bool { return s.Hub != hub })
		if other < 0 {
			other = len(signals)
		}
		p.publish(hub, signals[:other])
		signals = signals[other:]
	}
}

// publish publishes signals for one hub, nil for that of events.
func (p publisher) publish(hub *pubsub.Hub, signals []*pubsub.Signal) {
	if hub == nil {
		p.metrics.SignalsPublished(len(signals))
		hub = p.hub
	}
	hub.Publish(signals)
}

// hooks counts what the engine does, and tells who has to know.
type hooks struct {
	*metrics.Metrics
	log       *slog.Logger
	policies  *authority.Policies
	custodian *expiry.Custodian
}

// Durable implements engine.Hooks.
func (h hooks) Durable(changes []store.Append) {
	for i := range changes {
		if c := &changes[i]; c.Key.Kind == store.Policy {
			h.policies.Changed(c.Key.ID)
			h.custodian.Changed(c.Key.ID, c.Record.Due, c.Record.Deleted)
		}
	}
}

// StoreRefused implements engine.Hooks.
func (h hooks) StoreRefused(err error) {
	h.Metrics.StoreRefused()
	h.log.Error("the store refused a batch", "error", err)
}

// brokerHooks counts what becomes of what sessions ask of each other.
type brokerHooks struct{ *metrics.Metrics }

// WaitEnded implements broker.Hooks.
func (h brokerHooks) WaitEnded(how broker.End) { h.Metrics.WaitEnded(string(how)) }

// AnswerLost implements broker.Hooks.
func (h brokerHooks) AnswerLost(reason broker.Lost) { h.Metrics.AnswerLost(string(reason)) }

// subjectHooks counts what the custodian of expiring subjects does.
type subjectHooks struct {
	metrics *metrics.Metrics
	log     *slog.Logger
}

func (w subjectHooks) Announced()    { w.metrics.Subject(metrics.SubjectAnnounced) }
func (w subjectHooks) Acknowledged() { w.metrics.Subject(metrics.SubjectAcknowledged) }
func (w subjectHooks) Abandoned()    { w.metrics.Subject(metrics.SubjectAbandoned) }
func (w subjectHooks) Expired()      { w.metrics.Subject(metrics.SubjectExpired) }
func (w subjectHooks) Deferred()     { w.metrics.Subject(metrics.SubjectDeferred) }

func (w subjectHooks) Failed(err error) {
	w.metrics.Subject(metrics.SubjectFailed)
	w.log.Error("subjects of policies could not be attended to", "error", err)
}
