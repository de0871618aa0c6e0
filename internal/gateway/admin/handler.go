package admin

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Probe says why something is not so, or returns nil if it is.
type Probe func() error

// Handler serves
//
//	/healthz   200 while the gateway makes progress, 503 with the reason else:
//	           restarting it is then the thing to do
//	/readyz    200 while it takes new clients, 503 with the reason else
//	/metrics   Prometheus metrics
//	/connections, /connections/{name}/events   Connections, and what has happened on each lately
func Handler(healthy, ready Probe, metrics prometheus.Gatherer, connections Connections) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", probe(healthy))
	mux.Handle("GET /readyz", probe(ready))
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.Handle("GET /connections", list(connections))
	mux.Handle("GET /connections/{name}/events", events(connections))
	return mux
}

func probe(p Probe) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := p(); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, err)
			return
		}
		fmt.Fprintln(w, "ok")
	})
}
