package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

func TestHandshakeRefused(t *testing.T) {
	g := start(t)
	valid := authorization(gatewaytest.User, gatewaytest.Password)
	for name, test := range map[string]struct {
		target  string
		headers []http.Header
		status  int
		code    string
	}{
		"no credentials":       {"/ws/2", nil, 401, "gateway:authentication.failed"},
		"wrong password":       {"/ws/2", []http.Header{authorization(gatewaytest.User, "wrong")}, 401, "gateway:authentication.failed"},
		"unknown user":         {"/ws/2", []http.Header{authorization("nobody", "ditto")}, 401, "gateway:authentication.failed"},
		"not Basic":            {"/ws/2", []http.Header{{"Authorization": {"Bearer x"}}}, 401, "gateway:authentication.failed"},
		"not base64":           {"/ws/2", []http.Header{{"Authorization": {"Basic %"}}}, 401, "gateway:authentication.failed"},
		"other version":        {"/ws/1", []http.Header{valid}, 404, "api.version.notsupported"},
		"version first":        {"/ws/3", nil, 404, "api.version.notsupported"},
		"header twice":         {"/ws/2", []http.Header{valid, {"Correlation-Id": {"a", "b"}}}, 400, "gateway:duplicate.header.field"},
		"header and parameter": {"/ws/2?correlation-id=a", []http.Header{valid, {"Correlation-Id": {"b"}}}, 400, "gateway:duplicate.header.field"},
		"parameter twice":      {"/ws/2?timeout=1s&timeout=2s", []http.Header{valid}, 400, "gateway:duplicate.header.field"},
		"large headers":        {"/ws/2", []http.Header{valid, {"Correlation-Id": {strings.Repeat("x", 6<<10)}}}, 431, "headers.too.large"},
	} {
		t.Run(name, func(t *testing.T) {
			a := handshake(t, g, test.target, test.headers...)
			if a.status != test.status {
				t.Fatalf("status %d, want %d", a.status, test.status)
			}
			if code := a.code(t); code != test.code {
				t.Errorf("code %q, want %q", code, test.code)
			}
			challenge := a.header.Get("WWW-Authenticate")
			if asks := strings.HasPrefix(challenge, "Basic realm="); asks != (test.status == 401) {
				t.Errorf("WWW-Authenticate is %q", challenge)
			}
		})
	}
	if opened := metric(t, g, "sessions_opened_total"); opened != 0 {
		t.Errorf("%v sessions were opened", opened)
	}
	if refused := metric(t, g, `handshakes_refused_total{status="401"}`); refused != 5 {
		t.Errorf("%v handshakes were counted as refused with 401, want 5", refused)
	}
}

func TestHandshakeWithoutUpgrade(t *testing.T) {
	g := start(t, func(s *snapshot.Snapshot) { s.Limits.Sessions.Max = 1 })
	valid := authorization(gatewaytest.User, gatewaytest.Password)
	for name, header := range map[string]http.Header{
		"no upgrade":    {"Upgrade": nil, "Connection": nil},
		"other upgrade": {"Upgrade": {"h2c"}},
		"no key":        {"Sec-Websocket-Key": nil},
	} {
		if a := handshake(t, g, "/ws/2", valid, header); a.status != 400 || len(a.body) == 0 {
			t.Errorf("%s: status %d, %q", name, a.status, a.body)
		}
	}
	if a := handshake(t, g, "/ws/2", valid); a.status != http.StatusSwitchingProtocols {
		t.Errorf("a handshake that is in order is answered %d", a.status)
	}
	// A refused upgrade gives its place in the registry back.
	until(t, "no session is left", func() bool { return metric(t, g, "sessions") == 0 })
}

func TestTooManyFailedAttempts(t *testing.T) {
	g := start(t, withUser("anna"), func(s *snapshot.Snapshot) { s.Limits.Authentication.FailuresPerMinute = 1 })
	wrong := authorization(gatewaytest.User, "wrong")
	if a := handshake(t, g, "/ws/2", wrong); a.status != 401 {
		t.Fatalf("the first wrong password is answered %d", a.status)
	}
	a := handshake(t, g, "/ws/2", wrong)
	if a.status != 429 {
		t.Fatalf("the second wrong password is answered %d", a.status)
	}
	if code := a.code(t); code != "too.many.requests" {
		t.Errorf("code %q", code)
	}
	if seconds := a.retryAfter(t); seconds > 60 {
		t.Errorf("Retry-After is %d seconds", seconds)
	}
	dial(t, g, "anna").mustWork()
}

func TestTooManySessions(t *testing.T) {
	g := start(t, func(s *snapshot.Snapshot) { s.Limits.Sessions.Max = 2 })
	first, second := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	a := handshake(t, g, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password))
	if a.status != 503 {
		t.Fatalf("the third session is answered %d", a.status)
	}
	a.retryAfter(t)
	if code := a.code(t); code != "gateway:service.unavailable" {
		t.Errorf("code %q", code)
	}
	// Who may not know whether there is room does not learn it.
	if a := handshake(t, g, "/ws/2"); a.status != 401 {
		t.Errorf("without credentials the answer is %d", a.status)
	}
	first.mustWork()
	second.mustWork()
	_ = first.ws.CloseNow()
	until(t, "the place is free", func() bool { return metric(t, g, "sessions") == 1 })
	dial(t, g, gatewaytest.User).mustWork()
}
