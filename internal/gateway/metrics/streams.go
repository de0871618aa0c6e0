package metrics

import "github.com/prometheus/client_golang/prometheus"

// StreamEnd is how a stream of server-sent events has ended.
type StreamEnd int

// The ends.
const (
	StreamCompleted StreamEnd = iota // all that there was has been told
	StreamLeft                       // the client is gone
	StreamSlow                       // the client has not read fast enough
	StreamExpired                    // the token of the client has expired
	StreamExpelled                   // who has opened it is no longer admitted
	StreamParted                     // the gateway goes out of service
	StreamFailed                     // there was something wrong on the way
	streamEnds
)

// String returns the label of the end.
func (e StreamEnd) String() string {
	return [...]string{"completed", "left", "slow", "expired", "expelled", "parted", "failed"}[e]
}

// streamMetrics are about server-sent events.
type streamMetrics struct {
	opened prometheus.Counter
	ends   [streamEnds]prometheus.Counter
	events prometheus.Counter
}

func newStreamMetrics(r *prometheus.Registry) (m streamMetrics) {
	m.opened = counter(r, "event_streams_opened_total", "Streams of server-sent events opened.")
	ends := counters(r, "event_streams_ended_total", "Streams of server-sent events that have ended, by reason.", "reason")
	for end := range streamEnds {
		m.ends[end] = ends.WithLabelValues(end.String())
	}
	m.events = counter(r, "event_stream_events_total", "Server-sent events written, heartbeats not among them.")
	return m
}

// StreamOpened counts a stream of server-sent events.
func (m *Metrics) StreamOpened() { m.streams.opened.Inc() }

// StreamEnded counts the end of one.
func (m *Metrics) StreamEnded(how StreamEnd) { m.streams.ends[how].Inc() }

// StreamEvents counts server-sent events that were written.
func (m *Metrics) StreamEvents(n int) { m.streams.events.Add(float64(n)) }
