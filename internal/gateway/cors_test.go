package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// Which pages may use the API can change while the gateway runs.
func TestOriginsChangeLive(t *testing.T) {
	g := start(t)
	c := callerOf(t, g, "ditto")
	allowed := func() string {
		a := c.call("GET /whoami", "", "Origin: https://example.com")
		return strings.Join(a.header.Values("Access-Control-Allow-Origin"), ",")
	}
	if got := allowed(); got != "" {
		t.Errorf("allowed without being configured: %q", got)
	}
	for _, tt := range []struct {
		cors *snapshot.CORS
		want string
	}{
		{&snapshot.CORS{AllowedOrigins: []string{"https://example.com"}, Credentials: snapshot.Enabled, MaxAge: time.Minute}, "https://example.com"},
		{&snapshot.CORS{AllowedOrigins: []string{"*"}, Credentials: snapshot.Disabled}, "*"},
		{nil, ""},
	} {
		if _, err := g.Apply(configuration(t, func(s *snapshot.Snapshot) { s.HTTP.CORS = tt.cors })); err != nil {
			t.Fatal(err)
		}
		if got := allowed(); got != tt.want {
			t.Errorf("%+v: allowed %q, want %q", tt.cors, got, tt.want)
		}
	}
}

// Paths are taken as they are sent: nobody is sent elsewhere, and what is empty, has dots or slashes in it is a name like others.
func TestPathsAreNotCleaned(t *testing.T) {
	c := callerOf(t, start(t), "ditto")
	c.call("PUT /things/org.example:a", `{}`).is(t, `201 application/json {"thingId":"org.example:a","policyId":"org.example:a"}`)
	c.call("PUT /things/org.example:a/attributes/%2E%2E/x", `1`).is(t, "201 application/json 1")
	c.call("GET /things/org.example:a/attributes", "").is(t, `200 application/json {"..":{"x":1}}`)
	c.call("PUT /things/org.example:a/attributes//x", `1`).is(t, "400 json.pointer.invalid")
}

// What an HTTP request is counted as.
func TestRequestsAreCounted(t *testing.T) {
	g := start(t)
	c := callerOf(t, g, "ditto")
	c.call("GET /whoami", "")
	c.call("HEAD /whoami", "")
	c.call("DELETE /whoami", "")
	c.call("BREW /whoami", "")
	values := samples(t, g)
	for name, want := range map[string]float64{
		`twinway_http_requests_total{method="GET",status="2xx"}`:    2,
		`twinway_http_requests_total{method="DELETE",status="4xx"}`: 1,
		`twinway_http_requests_total{method="other",status="4xx"}`:  1,
		`twinway_http_requests_total{method="PUT",status="2xx"}`:    0,
		`twinway_http_request_duration_seconds_count{method="GET"}`: 2,
	} {
		if got, there := values[name]; !there || got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
