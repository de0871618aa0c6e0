package gateway

import (
	"log/slog"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/session"
	"github.com/twinway/twinway/internal/gateway/store"
)

// hubs are where sessions subscribe. To those of the live channel nothing is
// published yet; they keep what is asked of them.
func (g *Gateway) hubs() session.Hubs {
	return session.Hubs{
		protocol.SignalEvents: g.events, protocol.SignalPolicyAnnouncements: g.announcements,
		protocol.SignalMessages: pubsub.NewHub(), protocol.SignalLiveCommands: pubsub.NewHub(), protocol.SignalLiveEvents: pubsub.NewHub(),
	}
}

// publisher brings the engine's signals to the hub of events, and counts.
type publisher struct {
	hub     *pubsub.Hub
	metrics *metrics.Metrics
}

// Publish implements engine.Publisher.
func (p publisher) Publish(signals []*pubsub.Signal) {
	p.metrics.SignalsPublished(len(signals))
	p.hub.Publish(signals)
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
