package admin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/twinway/twinway/internal/gateway/admin"
)

// connections is one connection.
type connections struct{}

func (connections) List() any { return []string{"broker"} }

func (connections) Events(name string) (any, bool) { return []string{"opened"}, name == "broker" }

func TestHandler(t *testing.T) {
	metrics := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "seen_total", Help: "Seen."})
	metrics.MustRegister(counter)
	counter.Inc()
	var unhealthy, unready error
	handler := admin.Handler(func() error { return unhealthy }, func() error { return unready }, metrics, connections{})

	ask := func(method, path string) (status int, body string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if strings.HasSuffix(path, "z") && method == http.MethodGet && w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", path)
		}
		return w.Code, w.Body.String()
	}
	expect := func(method, path string, status int, contains string) {
		t.Helper()
		if got, body := ask(method, path); got != status || !strings.Contains(body, contains) {
			t.Errorf("%s %s: %d %q, want %d and %q", method, path, got, body, status, contains)
		}
	}
	expect("GET", "/healthz", 200, "ok")
	expect("GET", "/readyz", 200, "ok")
	expect("HEAD", "/readyz", 200, "")
	expect("GET", "/metrics", 200, "seen_total 1")
	expect("POST", "/healthz", 405, "")
	expect("GET", "/connections", 200, `["broker"]`)
	expect("GET", "/connections/broker/events", 200, `["opened"]`)
	expect("GET", "/connections/nobody/events", 404, "no connection")
	expect("DELETE", "/connections", 405, "")
	expect("GET", "/", 404, "")
	expect("GET", "/debug/pprof/", 404, "")

	unready = errors.New("draining")
	expect("GET", "/readyz", 503, "draining")
	expect("GET", "/healthz", 200, "ok")

	unhealthy = errors.New("the disk is gone")
	expect("GET", "/healthz", 503, "the disk is gone")
}

func TestProfiles(t *testing.T) {
	rest := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	handler := admin.WithProfiles(rest)
	for path, status := range map[string]int{
		"/debug/pprof/heap": http.StatusOK, "/debug/pprof/": http.StatusOK, "/debug/pprof/profile?seconds=1": http.StatusOK,
		"/debug/pprof/none": http.StatusNotFound, "/healthz": http.StatusTeapot,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != status {
			t.Errorf("%s: %d, not %d", path, w.Code, status)
		}
	}
}
