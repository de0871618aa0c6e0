package gateway

import (
	"errors"
	"fmt"
	"time"
)

// stallLimit is for how long commands may make no progress before the gateway
// counts as stuck. A disk that is merely slow stays far below.
const stallLimit = 30 * time.Second

// Healthy returns nil while the gateway makes progress. What it complains of
// is cured by a restart, if by anything.
func (g *Gateway) Healthy() error {
	if err := g.Err(); err != nil {
		return err
	}
	if err := g.engine.Err(); err != nil {
		return err
	}
	if stalled := g.engine.Stalled(); stalled > stallLimit {
		return &stalledError{stalled}
	}
	return nil
}

// stalledError says that commands make no progress.
type stalledError struct{ since time.Duration }

// Error implements error.
func (e *stalledError) Error() string {
	return fmt.Sprintf("commands have made no progress for %s", e.since.Round(time.Second))
}

// reason is the same as long as the gateway is stuck.
func (*stalledError) reason() string { return "commands make no progress" }

// Ready returns nil while new clients are welcome.
func (g *Gateway) Ready() error {
	if !g.serving.Load() {
		return errors.New("starting")
	}
	if g.draining.Load() {
		return errors.New("draining")
	}
	return g.Healthy()
}

// expiry registers a gauge of when something expires.
func (g *Gateway) expiry(name, help string, at func() time.Time) {
	g.metrics.Gauge(name, help, func() float64 {
		if t := at(); !t.IsZero() {
			return float64(t.Unix())
		}
		return 0
	})
}

// filtered returns how many signals of all kinds no session has received that
// asked for others.
func (g *Gateway) filtered() (n int64) {
	for _, hub := range g.hubs() {
		n += hub.Filtered()
	}
	return n
}

// gauges registers what is read when metrics are gathered.
func (g *Gateway) gauges() {
	gauge := g.metrics.Gauge
	gauge("sessions", "WebSocket sessions open.", func() float64 { return float64(g.sessions.Registry().Len()) })
	gauge("event_streams", "Streams of server-sent events open.", func() float64 { return float64(g.rest.Streams()) })
	gauge("subscriptions", "Sessions and event streams that receive events.", func() float64 { return float64(g.events.Subscribers()) })
	g.metrics.Counter("signals_filtered_total", "Signals not delivered because the filter of a subscription did not match, once for each session.",
		func() float64 { return float64(g.filtered()) })
	gauge("session_queue_signals", "Signals that wait to be written, over all sessions.", func() float64 { return float64(g.sessions.Registry().Waiting()) })
	gauge("waits", "Requests that wait for answers of clients.", func() float64 { return float64(g.broker.Waits()) })
	gauge("dues", "Signals that sessions were sent and can answer, once for each session.", func() float64 { return float64(g.broker.Dues()) })
	gauge("engine_queue_commands", "Commands that wait for their decision.", func() float64 { return float64(g.engine.Waiting()) })
	gauge("searches", "Searches under way, each of which keeps a view of the store open.", func() float64 {
		open, _ := g.finder.Open()
		return float64(open)
	})
	gauge("search_oldest_view_seconds", "For how long the oldest view is open that a search keeps; 0 without one.", g.oldestView)
	gauge("store_disk_bytes", "Size of the store's files.", func() float64 { return float64(g.store.Metrics().DiskBytes) })
	gauge("store_memory_bytes", "Memory the store uses for blocks and for writes not yet in tables.", func() float64 { return float64(g.store.Metrics().MemoryBytes) })
	g.expiry("listener_certificate_expiry_timestamp_seconds",
		"When the certificate that clients are shown expires, in seconds since 1970; 0 without one.", g.certificate.expires)
	gauge("ready", "1 while the gateway takes new clients, else 0.", func() float64 {
		if g.Ready() != nil {
			return 0
		}
		return 1
	})
}

// oldestView returns the age of the oldest view of a search, in seconds.
func (g *Gateway) oldestView() float64 {
	open, oldest := g.finder.Open()
	if open == 0 {
		return 0
	}
	return g.options.Clock().Sub(oldest).Seconds()
}
