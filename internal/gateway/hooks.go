package gateway

import (
	"log/slog"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

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

// hooks counts what the engine does.
type hooks struct {
	*metrics.Metrics
	log *slog.Logger
}

// StoreRefused implements engine.Hooks.
func (h hooks) StoreRefused(err error) {
	h.Metrics.StoreRefused()
	h.log.Error("the store refused a batch", "error", err)
}
