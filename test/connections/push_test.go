package connections_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/twinway/twinway/internal/management"
)

// sink is an HTTP server that notes what is pushed to it.
type sink struct {
	*httptest.Server

	mu     sync.Mutex
	got    []pushed
	status func(pushed) int
	before func() // if it is not nil, called with each request first
}

// pushed is a request.
type pushed struct {
	method, path, body string
	header             http.Header
}

func newSink(t testing.TB) *sink {
	s := &sink{status: func(pushed) int { return http.StatusNoContent }}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p := pushed{r.Method, r.URL.RequestURI(), string(body), r.Header}
		if s.before != nil {
			s.before()
		}
		s.mu.Lock()
		status := s.status(p)
		if status < 300 {
			s.got = append(s.got, p)
		}
		s.mu.Unlock()
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) requests() []pushed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]pushed(nil), s.got...)
}

// pushTo is a Connection that pushes to a server, and a Subscription of events with these lines in its target.
func pushTo(url, target string) string {
	return fmt.Sprintf(`
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: sink}
spec:
  gatewayRef: {name: demo}
  type: HTTPPush
  uri: %s
  reconnect: {initialDelay: 100ms, maxDelay: 1s}
---
apiVersion: twinway.dev/v1alpha1
kind: Subscription
metadata: {name: events}
spec:
  connectionRef: {name: sink}
  direction: Outbound
  signal: TwinEvents
  authorizationSubjects: ["integration:sink"]
  target:
    address: "POST:/twins/{{ thing:id }}"
%s`, url, target)
}

// What changes in a twin is pushed, once, in order, to whom its policy allows to read it.
func TestEventsArePushed(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	w := start(t, pushTo(s.URL, `    headers: {x-path: "{{ resource:path }}"}`))
	w.awaitState("sink", management.LinkOpen)
	w.policy("org.acme:open", "integration:sink")
	w.policy("org.acme:closed")
	w.must(http.MethodPut, "/api/2/things/org.acme:secret", `{"policyId":"org.acme:closed"}`)
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp", `{"policyId":"org.acme:open","attributes":{"n":0}}`)
	for i := range 50 {
		w.must(http.MethodPut, "/api/2/things/org.acme:lamp/attributes/n", fmt.Sprint(i+1))
	}
	eventually(t, "51 requests", func() bool { return len(s.requests()) >= 51 })
	for i, r := range s.requests() {
		if r.method != http.MethodPost || r.path != "/twins/org.acme:lamp" || !strings.Contains(r.body, fmt.Sprintf(`"revision":%d`, i+1)) {
			t.Errorf("request %d is %s %s %s", i, r.method, r.path, r.body)
		}
		if want := "/attributes/n"; i > 0 && r.header.Get("x-path") != want {
			t.Errorf("request %d has the path %q", i, r.header.Get("x-path"))
		}
	}
}
