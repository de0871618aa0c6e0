package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// connectionMetrics are about Connections, by their names and those of their sources and Subscriptions.
type connectionMetrics struct {
	messages *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	waiting  *prometheus.GaugeVec
	state    *prometheus.GaugeVec
	dialled  *prometheus.CounterVec
}

// MessageFate is what happens to a message of a Connection.
type MessageFate string

// What happens to messages that come in: each is consumed, and most are mapped to commands; each is then accepted, redelivered or
// rejected. Dropped are those that ask for nothing, failed those of which a command failed or that could not be mapped.
//
// What happens to signals that go out: filtered are those that a filter or the form of the payload leaves out, dropped those for
// which there was no room or no address, failed those that the other end did not take, retried those that are tried again.
const (
	Consumed    MessageFate = "consumed"
	Mapped      MessageFate = "mapped"
	Accepted    MessageFate = "accepted"
	Redelivered MessageFate = "redelivered"
	Rejected    MessageFate = "rejected"
	Replied     MessageFate = "replied"
	Filtered    MessageFate = "filtered"
	Delivered   MessageFate = "delivered"
	Retried     MessageFate = "retried"
	Dropped     MessageFate = "dropped"
	Failed      MessageFate = "failed"
)

func newConnectionMetrics(r *prometheus.Registry) connectionMetrics {
	by := []string{"connection", "direction", "name"}
	return connectionMetrics{
		messages: counters(r, "connection_messages_total", "Messages of Connections, by source or Subscription and what happened to them.", append(by, "fate")...),
		seconds: histograms(r, "connection_seconds", "Time from when a message came in until it was settled, or from when a signal was published until it was delivered, by source or Subscription.",
			prometheus.ExponentialBuckets(0.0005, 2, 18), by...),
		waiting: gauges(r, "connection_waiting", "Messages of Connections that came in and are not settled, or are to go out, by source or Subscription.", by...),
		state:   gauges(r, "connection_state", "1 for the state that a Connection is in.", "connection", "state"),
		dialled: counters(r, "connection_dials_total", "Attempts to open a Connection, by result.", "connection", "result"),
	}
}

// Connection is the metrics of one Connection.
type Connection struct {
	all  *connectionMetrics
	name string
}

// Connection returns the metrics of a Connection, until Forget.
func (m *Metrics) Connection(name string) *Connection { return &Connection{&m.connections, name} }

// Forget removes all there is about the Connection.
func (c *Connection) Forget() {
	labels := prometheus.Labels{"connection": c.name}
	c.all.messages.DeletePartialMatch(labels)
	c.all.seconds.DeletePartialMatch(labels)
	c.all.waiting.DeletePartialMatch(labels)
	c.all.state.DeletePartialMatch(labels)
	c.all.dialled.DeletePartialMatch(labels)
}

// State says which of the known states the Connection is in.
func (c *Connection) State(is string, known ...string) {
	for _, state := range known {
		value := 0.0
		if state == is {
			value = 1
		}
		c.all.state.WithLabelValues(c.name, state).Set(value)
	}
}

// Dialled counts an attempt to open the Connection.
func (c *Connection) Dialled(succeeded bool) {
	result := "failed"
	if succeeded {
		result = "open"
	}
	c.all.dialled.WithLabelValues(c.name, result).Inc()
}

// Flow is the metrics of a source or Subscription of a Connection. Its methods are cheap, and may be called by several goroutines.
type Flow struct {
	all     *connectionMetrics
	labels  prometheus.Labels
	fates   map[MessageFate]prometheus.Counter
	seconds prometheus.Observer
	waiting prometheus.Gauge
}

// In returns the metrics of a source or inbound Subscription.
func (c *Connection) In(name string) *Flow {
	return c.flow("in", name, Consumed, Mapped, Accepted, Redelivered, Rejected, Replied, Dropped, Failed)
}

// Out returns the metrics of an outbound Subscription.
func (c *Connection) Out(name string) *Flow {
	return c.flow("out", name, Consumed, Mapped, Filtered, Delivered, Retried, Dropped, Failed)
}

func (c *Connection) flow(direction, name string, fates ...MessageFate) *Flow {
	f := &Flow{
		all: c.all, labels: prometheus.Labels{"connection": c.name, "direction": direction, "name": name},
		fates:   map[MessageFate]prometheus.Counter{},
		seconds: c.all.seconds.WithLabelValues(c.name, direction, name),
		waiting: c.all.waiting.WithLabelValues(c.name, direction, name),
	}
	for _, fate := range fates {
		f.fates[fate] = c.all.messages.WithLabelValues(c.name, direction, name, string(fate))
	}
	return f
}

// Forget removes all there is about the source or Subscription.
func (f *Flow) Forget() {
	f.all.messages.DeletePartialMatch(f.labels)
	f.all.seconds.DeletePartialMatch(f.labels)
	f.all.waiting.DeletePartialMatch(f.labels)
}

// Count counts messages with their fate.
func (f *Flow) Count(fate MessageFate, n int) {
	if counter := f.fates[fate]; counter != nil {
		counter.Add(float64(n))
	}
}

// Took notes how long it took until a message was settled or delivered.
func (f *Flow) Took(d time.Duration) { f.seconds.Observe(d.Seconds()) }

// Waiting adds to the number of messages that wait.
func (f *Flow) Waiting(n int) { f.waiting.Add(float64(n)) }
