package metrics

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

const namespace = "twinway"

// Metrics are the metrics of one gateway. Its methods may be called by several
// goroutines at once.
type Metrics struct {
	registry *prometheus.Registry

	sessionsOpened prometheus.Counter
	sessionsClosed *prometheus.CounterVec
	handshakes     *prometheus.CounterVec

	messages [messageKinds]prometheus.Counter
	subjects [subjectSteps]prometheus.Counter
	commands commandMetrics

	signalsPublished prometheus.Counter
	signalsDelivered prometheus.Counter
	signalsDropped   prometheus.Counter
	policyUnreadable prometheus.Counter
	live             liveMetrics
	search           searchMetrics
	streams          streamMetrics
	requests         requestMetrics
	evaluations      [evaluationResults]prometheus.Counter
	connections      connectionMetrics

	groupCommands prometheus.Histogram
	storeRefused  prometheus.Counter
	commitTime    prometheus.Histogram
	commitAppends prometheus.Counter
	commitBytes   prometheus.Counter

	droppedByCount, droppedByAge prometheus.Counter

	configurations *prometheus.CounterVec
	configuration  *prometheus.GaugeVec
	pushes         *prometheus.CounterVec
}

// New returns metrics with a registry of their own, which also tells about the
// process and the Go runtime.
func New() *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m := &Metrics{
		registry:       r,
		sessionsOpened: counter(r, "sessions_opened_total", "WebSocket sessions opened."),
		sessionsClosed: counters(r, "sessions_closed_total", "WebSocket sessions ended, by the close code sent or received, 1006 if there was none.", "code"),
		handshakes:     counters(r, "handshakes_refused_total", "WebSocket handshakes refused, by HTTP status.", "status"),

		signalsPublished: counter(r, "signals_published_total", "Events published, each once."),
		signalsDelivered: counter(r, "signals_delivered_total", "Signals queued for a session or an event stream, once for each: events, announcements, and what is live."),
		signalsDropped:   counter(r, "signals_dropped_total", "Signals not delivered because the queue of a session or an event stream was full."),

		policyUnreadable: counter(r, "policy_unreadable_total", "Times that a policy could not be read when an event was published, which is then not delivered to those it is for."),

		groupCommands: histogram(r, "engine_group_commands", "Commands that share one commit.", prometheus.ExponentialBuckets(1, 2, 12)),
		storeRefused:  counter(r, "store_refused_total", "Batches that the store refused."),
		commitTime:    histogram(r, "store_commit_duration_seconds", "Time from a batch's write to its durability.", prometheus.ExponentialBuckets(0.0001, 2, 16)),
		commitAppends: counter(r, "store_appends_total", "Changes made durable."),
		commitBytes:   counter(r, "store_bytes_total", "Bytes of changes made durable, before the store's own overhead."),

		configurations: counters(r, "configurations_total", "Configurations seen, by what became of them.", "result"),
		configuration:  gauges(r, "configuration_info", "1, labelled with the beginning of the hash of the configuration in force.", "hash"),
		pushes:         counters(r, "pushes_total", "Configurations that the operator has pushed, by what became of them.", "result"),

		live:   newLiveMetrics(r),
		search: newSearchMetrics(r),

		streams:  newStreamMetrics(r),
		requests: newRequestMetrics(r),

		connections: newConnectionMetrics(r),
	}
	m.commands.completed = counters(r, "commands_total", "Commands completed, by action and protocol status; status 0 if no reply was asked for.", "action", "status")
	m.commands.durations = histograms(r, "command_duration_seconds", "Time from a command's arrival to its completion, which for modifications includes the disk.",
		prometheus.ExponentialBuckets(0.00005, 2.5, 14), "action")
	dropped := counters(r, "history_events_dropped_total", "Events dropped from the histories of things and policies, by reason: newer ones came (count), or they were old (age).", "reason")
	m.droppedByCount, m.droppedByAge = dropped.WithLabelValues("count"), dropped.WithLabelValues("age")
	received := counters(r, "messages_received_total", "Text messages received, by kind.", "kind")
	for kind := range messageKinds {
		m.messages[kind] = received.WithLabelValues(kind.String())
	}
	evaluations := counters(r, "subscription_evaluations_total", "Times that filter and extra fields were applied to an event, once for all sessions that share them and may read the same, by what came of it.", "result")
	for result := range evaluationResults {
		m.evaluations[result] = evaluations.WithLabelValues(result.String())
	}
	subjects := counters(r, "policy_subjects_total", "What happened to expiring and removed subjects of policies, by step.", "step")
	for step := range subjectSteps {
		m.subjects[step] = subjects.WithLabelValues(step.String())
	}
	// A counter that is there before it counts: only then the first refusal is an
	// increase, which is what alerts look at.
	for _, result := range []string{"applied", "refused", "invalid"} {
		m.configurations.WithLabelValues(result)
	}
	for _, result := range []string{"applied", "unchanged", "refused"} {
		m.pushes.WithLabelValues(result)
	}
	return m
}

// Registry returns where the metrics are gathered.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// Gauge registers a value that is read when metrics are gathered.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, value))
}

// Counter registers a value that only grows and is read when metrics are
// gathered.
func (m *Metrics) Counter(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, value))
}

// SessionOpened counts a session.
func (m *Metrics) SessionOpened() { m.sessionsOpened.Inc() }

// SessionClosed counts the end of a session.
func (m *Metrics) SessionClosed(code int) {
	m.sessionsClosed.WithLabelValues(closeLabel(code)).Inc()
}

// closeUnauthorized is the code with which sessions end whose token expires.
const closeUnauthorized = 3000

// closeLabel keeps the codes a peer may invent from becoming labels.
func closeLabel(code int) string {
	if (code < 1000 || code > 1015) && code != closeUnauthorized {
		return "other"
	}
	return strconv.Itoa(code)
}

// HandshakeRefused counts a handshake answered with an HTTP error.
func (m *Metrics) HandshakeRefused(status int) {
	m.handshakes.WithLabelValues(strconv.Itoa(status)).Inc()
}

// Message counts a text message that arrived.
func (m *Metrics) Message(kind MessageKind) { m.messages[kind].Inc() }

// Subject counts a step in the life of an expiring or removed subject.
func (m *Metrics) Subject(step SubjectStep) { m.subjects[step].Inc() }

// Command counts a completed command.
func (m *Metrics) Command(action string, status int, took time.Duration) {
	m.commands.observe(action, status, took)
}

// SignalsPublished counts published signals.
func (m *Metrics) SignalsPublished(n int) { m.signalsPublished.Add(float64(n)) }

// SignalsDelivered counts signals that found room in the queue of a session or an event stream.
func (m *Metrics) SignalsDelivered(n int) { m.signalsDelivered.Add(float64(n)) }

// SignalsDropped counts signals that did not.
func (m *Metrics) SignalsDropped(n int) { m.signalsDropped.Add(float64(n)) }

// Evaluated counts that the parameters of a subscription were applied to an
// event.
func (m *Metrics) Evaluated(result EvaluationResult) { m.evaluations[result].Inc() }

// PolicyUnreadable counts that events reach nobody because the store could not
// tell who may know of them.
func (m *Metrics) PolicyUnreadable() { m.policyUnreadable.Inc() }

// GroupDecided implements engine.Hooks.
func (m *Metrics) GroupDecided(commands, _ int) { m.groupCommands.Observe(float64(commands)) }

// StoreRefused counts a batch that was not taken.
func (m *Metrics) StoreRefused() { m.storeRefused.Inc() }

// Committed counts a durable batch.
func (m *Metrics) Committed(took time.Duration, appends, bytes int) {
	m.commitTime.Observe(took.Seconds())
	m.commitAppends.Add(float64(appends))
	m.commitBytes.Add(float64(bytes))
}

// HistoryDroppedByCount counts events that made room for newer ones.
func (m *Metrics) HistoryDroppedByCount(n int) { m.droppedByCount.Add(float64(n)) }

// HistoryDroppedByAge counts events that were too old.
func (m *Metrics) HistoryDroppedByAge(n int) { m.droppedByAge.Add(float64(n)) }

// ConfigurationInForce tells the hash of the configuration in force, shortened as
// in logs.
func (m *Metrics) ConfigurationInForce(hash string) {
	m.configuration.Reset()
	m.configuration.WithLabelValues(fmt.Sprintf("%.12s", hash)).Set(1)
}

// Push counts a configuration that was pushed; result is "applied",
// "unchanged" or "refused".
func (m *Metrics) Push(result string) { m.pushes.WithLabelValues(result).Inc() }

// Configuration counts a configuration; result is "applied", "refused" or
// "invalid".
func (m *Metrics) Configuration(result string) { m.configurations.WithLabelValues(result).Inc() }
