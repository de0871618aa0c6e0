package metrics

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// commandMetrics remembers the metrics of each action and status, since
// looking them up by labels costs more than counting.
type commandMetrics struct {
	completed *prometheus.CounterVec
	durations *prometheus.HistogramVec
	known     sync.Map // commandKey → commandMetric
}

type commandKey struct {
	action string
	status int
}

type commandMetric struct {
	completed prometheus.Counter
	duration  prometheus.Observer
}

func (c *commandMetrics) observe(action string, status int, took time.Duration) {
	m := c.metric(commandKey{action, status})
	m.completed.Inc()
	m.duration.Observe(took.Seconds())
}

func (c *commandMetrics) metric(key commandKey) commandMetric {
	if known, ok := c.known.Load(key); ok {
		return known.(commandMetric)
	}
	m := commandMetric{
		completed: c.completed.WithLabelValues(key.action, strconv.Itoa(key.status)),
		duration:  c.durations.WithLabelValues(key.action),
	}
	c.known.Store(key, m)
	return m
}
