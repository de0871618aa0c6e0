package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Statuses that answers have, by their first digit.
const (
	lowestClass  = 2
	highestClass = 5
)

// requestMetrics are about HTTP requests.
type requestMetrics struct {
	methods map[string]*methodMetrics
	other   *methodMetrics
}

// methodMetrics are about those of a method.
type methodMetrics struct {
	answered [highestClass + 1]prometheus.Counter
	duration prometheus.Observer
}

func newRequestMetrics(r *prometheus.Registry) requestMetrics {
	answered := counters(r, "http_requests_total", "HTTP requests answered, streams of events not among them, by method and class of status.", "method", "status")
	durations := histograms(r, "http_request_duration_seconds", "Time from the header of an HTTP request to its answer, which includes waiting for devices that are asked.",
		prometheus.ExponentialBuckets(0.0001, 2.5, 15), "method")
	of := func(method string) *methodMetrics {
		m := &methodMetrics{duration: durations.WithLabelValues(method)}
		for class := lowestClass; class <= highestClass; class++ {
			m.answered[class] = answered.WithLabelValues(method, strconv.Itoa(class)+"xx")
		}
		return m
	}
	m := requestMetrics{methods: map[string]*methodMetrics{}, other: of("other")}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodPost, http.MethodDelete} {
		m.methods[method] = of(method)
	}
	m.methods[http.MethodHead] = m.methods[http.MethodGet]
	return m
}

// Request counts an HTTP request that was answered with a status.
func (m *Metrics) Request(method string, status int, took time.Duration) {
	of := m.requests.methods[method]
	if of == nil {
		of = m.requests.other
	}
	of.answered[min(max(status/100, lowestClass), highestClass)].Inc()
	of.duration.Observe(took.Seconds())
}
