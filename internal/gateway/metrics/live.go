package metrics

import "github.com/prometheus/client_golang/prometheus"

// liveMetrics are about signals that clients answer.
type liveMetrics struct {
	published   [liveSignals]prometheus.Counter
	waits, lost byWord
	weak        prometheus.Counter
	unread      prometheus.Counter
}

// byWord remembers the metrics of a counter with one label, since looking them
// up costs more than counting.
type byWord struct {
	all   *prometheus.CounterVec
	known map[string]prometheus.Counter
}

// words returns a counter that is there with each of the words before it
// counts.
func words(all *prometheus.CounterVec, known ...string) byWord {
	w := byWord{all: all, known: make(map[string]prometheus.Counter, len(known))}
	for _, word := range known {
		w.known[word] = all.WithLabelValues(word)
	}
	return w
}

func (w *byWord) count(word string) {
	if c := w.known[word]; c != nil {
		c.Inc()
		return
	}
	w.all.WithLabelValues(word).Inc()
}

func newLiveMetrics(r *prometheus.Registry) (m liveMetrics) {
	published := counters(r, "live_signals_published_total", "Messages, live commands and live events published, each once, by kind.", "kind")
	for kind := range liveSignals {
		m.published[kind] = published.WithLabelValues(kind.String())
	}
	m.waits = words(counters(r, "waits_ended_total", "Requests that waited for answers of clients, by how that has ended.", "result"),
		"answered", "timed-out", "failed", "abandoned", "refused")
	m.lost = words(counters(r, "answers_lost_total", "Responses and acknowledgements without effect, by reason.", "reason"),
		"unknown", "mismatched", "repeated")
	m.weak = counter(r, "weak_acknowledgements_total", "Acknowledgements given for sessions that had declared them and did not receive the signal.")
	m.unread = counter(r, "answers_unread_total", "Answers given up, with their sessions, because too many before them were not read.")
	return m
}

// LivePublished counts a signal of the live channel.
func (m *Metrics) LivePublished(kind LiveSignal) { m.live.published[kind].Inc() }

// WaitEnded counts the end of a wait, in the words of package broker.
func (m *Metrics) WaitEnded(how string) { m.live.waits.count(how) }

// AnswerLost counts an answer without effect, in the words of package broker.
func (m *Metrics) AnswerLost(reason string) { m.live.lost.count(reason) }

// WeaklyAcknowledged counts an acknowledgement that stands for a session which
// does not receive a signal.
func (m *Metrics) WeaklyAcknowledged() { m.live.weak.Inc() }

// AnswerUnread counts an answer that found no room in its session.
func (m *Metrics) AnswerUnread() { m.live.unread.Inc() }
