package controllers

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/twinway/twinway/api/v1alpha1"
)

// metrics are the operator's own, beside those of controller-runtime.
type metrics struct {
	gateways       *prometheus.GaugeVec
	configurations prometheus.Counter
	programming    prometheus.Histogram
	now            func() time.Time

	mu    sync.Mutex
	known map[types.NamespacedName]*measured
}

// measured is what is remembered of one Gateway.
type measured struct {
	ready string
	hash  string
	// since is when the configuration was first desired; zero once it is in force
	// everywhere.
	since time.Time
}

func newMetrics() *metrics {
	return &metrics{
		gateways: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "twinway_operator_gateways",
			Help: "Gateways, by the status of their condition Ready.",
		}, []string{"ready"}),
		configurations: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "twinway_operator_configurations_total",
			Help: "Configurations that pods were to take over, counted once for each change of a Gateway.",
		}),
		programming: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "twinway_operator_programming_seconds",
			Help:    "Time from the moment at which a new configuration was stored until every ready pod had applied it.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}),
		now:   time.Now,
		known: map[types.NamespacedName]*measured{},
	}
}

// register makes the metrics visible. Those of an operator that ran before in the
// same process, as in tests, are replaced.
func (m *metrics) register(registry prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{m.gateways, m.configurations, m.programming} {
		registry.Unregister(c)
		if err := registry.Register(c); err != nil {
			return err
		}
	}
	return nil
}

// desired notes what the pods of a Gateway are to have.
func (m *metrics) desired(gateway types.NamespacedName, hash string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.of(gateway)
	if g.hash == hash {
		return
	}
	if g.hash != "" { // the first is what they may have had all along
		m.configurations.Inc()
		g.since = m.now()
	}
	g.hash = hash
}

// observe notes what became of a Gateway.
func (m *metrics) observe(gateway types.NamespacedName, f gatewayFacts, status v1alpha1.GatewayStatus) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.of(gateway)
	m.count(g, string(statusOf(status.Conditions, v1alpha1.ConditionReady)))
	ready := f.ready()
	if !g.since.IsZero() && len(ready) > 0 && countApplied(ready, g.hash) == len(ready) {
		m.programming.Observe(m.now().Sub(g.since).Seconds())
		g.since = time.Time{}
	}
}

func (m *metrics) forget(gateway types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count(m.of(gateway), "")
	delete(m.known, gateway)
}

func (m *metrics) of(gateway types.NamespacedName) *measured {
	if m.known[gateway] == nil {
		m.known[gateway] = &measured{}
	}
	return m.known[gateway]
}

// count moves a Gateway from one status of Ready to another; empty is none.
func (m *metrics) count(g *measured, ready string) {
	if g.ready == ready {
		return
	}
	if g.ready != "" {
		m.gateways.WithLabelValues(g.ready).Dec()
	}
	if ready != "" {
		m.gateways.WithLabelValues(ready).Inc()
	}
	g.ready = ready
}
