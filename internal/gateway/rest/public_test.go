package rest

import (
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/metrics"
)

// newPublic returns a server for what everybody may ask.
func newPublic(cors *CORS, ready error) *Server {
	return NewServer(Options{
		Metrics: metrics.New(), Auth: nobody{}, Logger: slog.New(slog.DiscardHandler), Ready: func() error { return ready },
		Settings: Settings{MaxBody: 1 << 20, CORS: cors},
	})
}

// ask sends a request, "GET /health", with "name: value" headers.
func ask(s *Server, what string, headers ...string) *httptest.ResponseRecorder {
	method, target, _ := strings.Cut(what, " ")
	r := httptest.NewRequest(method, target, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestHealth(t *testing.T) {
	for _, path := range []string{"/health", "/status", "/status/health"} {
		if w := ask(newPublic(nil, nil), "GET "+path); w.Code != 200 || w.Body.String() != `{"status":"UP"}` {
			t.Errorf("%s: answered %d %s", path, w.Code, w.Body)
		}
		if w := ask(newPublic(nil, errors.New("draining")), "GET "+path); w.Code != 503 || w.Body.String() != `{"status":"DOWN"}` {
			t.Errorf("%s while not ready: answered %d %s", path, w.Code, w.Body)
		}
	}
}

// What is not there is told in the words of the protocol.
func TestNothingElseIsPublic(t *testing.T) {
	for what, want := range map[string]string{
		"GET /":               "gateway:route.notfound",
		"GET /overall/status": "gateway:route.notfound",
		"GET /stats/things":   "gateway:route.notfound",
		"GET /devops/logging": "gateway:route.notfound",
		"GET /apidoc/x":       "gateway:route.notfound",
		"POST /health":        "gateway:method.notallowed",
		"GET /api":            "api.version.notsupported",
		"GET /api/1/things":   "api.version.notsupported",
		"GET /apis":           "gateway:route.notfound",
	} {
		if w := ask(newPublic(nil, nil), what); !strings.Contains(w.Body.String(), `"`+want+`"`) {
			t.Errorf("%s: answered %d %s, want %s", what, w.Code, w.Body, want)
		}
	}
}

func TestTheDescriptionIsAPageForPeople(t *testing.T) {
	s := newPublic(nil, nil)
	if w := ask(s, "GET /apidoc"); w.Header().Get("Content-Type") != "application/json" || !strings.Contains(w.Body.String(), `"openapi":"3`) {
		t.Errorf("for programs: %s %.50s", w.Header().Get("Content-Type"), w.Body)
	}
	w := ask(s, "GET /apidoc", "Accept: text/html,*/*;q=0.8")
	if w.Header().Get("Content-Type") != mediaHTML || !strings.Contains(w.Body.String(), "<code>/api/2/things/{thingId}</code>") {
		t.Errorf("for people: %s %.50s", w.Header().Get("Content-Type"), w.Body)
	}
	for _, external := range []string{"<script", "src=", "http://", "https://"} {
		if strings.Contains(w.Body.String(), external) {
			t.Errorf("the page needs something from elsewhere, or runs something: %s", external)
		}
	}
}

// crossing is what the headers of an answer say to a browser.
func crossing(h http.Header) map[string]string {
	said := map[string]string{}
	for name, values := range h {
		if strings.HasPrefix(name, "access-control-") || name == "vary" {
			said[name] = strings.Join(values, ", ")
		}
	}
	return said
}

func TestCORS(t *testing.T) {
	named := &CORS{Origins: []string{"https://a.example", "http://b:3000"}, MaxAge: 10 * time.Minute}
	trusted := &CORS{Origins: named.Origins, Credentials: true}
	all := &CORS{Origins: []string{"*"}, AnyOrigin: true, MaxAge: time.Hour}
	const preflight, from = "Access-Control-Request-Method: PUT", "Origin: https://a.example"
	type said = map[string]string
	for name, tt := range map[string]struct {
		cors    *CORS
		what    string
		headers []string
		status  int
		want    said
	}{
		"not configured":              {nil, "GET /health", []string{from}, 200, said{}},
		"not configured, preflight":   {nil, "OPTIONS /api/2/things", []string{from, preflight}, 401, said{}},
		"another origin":              {named, "GET /health", []string{"Origin: https://c.example"}, 200, said{"vary": "Origin"}},
		"another origin, preflight":   {named, "OPTIONS /health", []string{"Origin: https://c.example", preflight}, 405, said{"vary": "Origin"}},
		"an origin that begins alike": {named, "GET /health", []string{"Origin: https://a.example.evil"}, 200, said{"vary": "Origin"}},
		"no origin":                   {named, "GET /health", nil, 200, said{"vary": "Origin"}},
		"a named origin": {named, "GET /health", []string{from}, 200, said{
			"vary": "Origin", "access-control-allow-origin": "https://a.example", "access-control-expose-headers": corsExposed,
		}},
		"errors, too": {named, "GET /x", []string{from}, 404, said{
			"vary": "Origin", "access-control-allow-origin": "https://a.example", "access-control-expose-headers": corsExposed,
		}},
		"credentials": {trusted, "GET /health", []string{from}, 200, said{
			"vary": "Origin", "access-control-allow-origin": "https://a.example", "access-control-allow-credentials": "true",
			"access-control-expose-headers": corsExposed,
		}},
		"preflight": {
			named, "OPTIONS /api/2/whatever", []string{from, preflight, "Access-Control-Request-Headers: authorization, if-match,in valid"}, 204,
			said{
				"vary": "Origin", "access-control-allow-origin": "https://a.example", "access-control-allow-methods": corsMethods,
				"access-control-allow-headers": "authorization, if-match", "access-control-max-age": "600",
			},
		},
		"preflight of any origin": {all, "OPTIONS /api/2/things", []string{"Origin: null", preflight}, 204, said{
			"access-control-allow-origin": "*", "access-control-allow-methods": corsMethods, "access-control-max-age": "3600",
		}},
		"no preflight": {named, "OPTIONS /health", []string{from}, 405, said{
			"vary": "Origin", "access-control-allow-origin": "https://a.example", "access-control-expose-headers": corsExposed,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := ask(newPublic(tt.cors, nil), tt.what, tt.headers...)
			if diff := cmp.Diff(tt.want, crossing(w.Header())); w.Code != tt.status || diff != "" {
				t.Errorf("answered %d, want %d (-want +got):\n%s", w.Code, tt.status, diff)
			}
		})
	}
}

func TestWhoUnpacks(t *testing.T) {
	for accepted, want := range map[string]bool{
		"gzip": true, "deflate, gzip;q=0.5": true, "GZIP": true, "x-gzip": true, "*": true, "br, *;q=0.1": true,
		"": false, "br": false, "identity": false, "gzip;q=0": false, "gzip; q=0.000": false, "*;q=0": false,
		"*, gzip;q=0": false, "gzip;q=0, *": false, "gzipped": false,
	} {
		if got := unpacks([]string{accepted}); got != want {
			t.Errorf("%q unpacks: %t, want %t", accepted, got, want)
		}
	}
}

func TestAnswersArePacked(t *testing.T) {
	long := strings.Repeat(`{"a":1} `, 500)
	for name, tt := range map[string]struct {
		a        answer
		accepted string
		packed   bool
		vary     string
	}{
		"long":               {answer{status: 200, body: []byte(long)}, "gzip", true, "Accept-Encoding"},
		"text":               {answer{status: 200, media: "text/plain", body: []byte(long)}, "gzip", true, "Accept-Encoding"},
		"not accepted":       {answer{status: 200, body: []byte(long)}, "br", false, "Accept-Encoding"},
		"short":              {answer{status: 200, body: []byte(long[:worthPacking-1])}, "gzip", false, ""},
		"packed in itself":   {answer{status: 200, media: "image/png", body: []byte(long)}, "gzip", false, ""},
		"no body":            {answer{status: 204}, "gzip", false, ""},
		"larger when packed": {answer{status: 200, media: "text/plain", body: []byte(noise())}, "gzip", false, "Accept-Encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", tt.accepted)
			tt.a.header("etag", `"rev:1"`)
			tt.a.write(w, r, nil)
			h := w.Header()
			if got := h.Get("Content-Encoding") == "gzip"; got != tt.packed {
				t.Fatalf("packed: %t, want %t", got, tt.packed)
			}
			if got := strings.Join(valuesOf(h, "vary"), ","); got != tt.vary {
				t.Errorf("varies by %q, want %q", got, tt.vary)
			}
			if got := valuesOf(h, "etag"); got[0] != `"rev:1"` {
				t.Errorf("the entity tag is %v", got)
			}
			if got := unpacked(t, w); got != string(tt.a.body) {
				t.Errorf("the body is %.50q, want %.50q", got, tt.a.body)
			}
		})
	}
}

// valuesOf returns the values of a header whose name was written in lower case.
func valuesOf(h http.Header, name string) []string { return h[name] }

// noise is text that cannot be packed.
func noise() string {
	var b strings.Builder
	for i, x := 0, uint32(1); i < 2000; i++ {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b.WriteByte(byte(x))
	}
	return b.String()
}

func unpacked(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
