package httppush

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// received is what of a request matters to tests.
type received struct {
	Method, URI, Host, Body string
	Length                  int64
	Headers                 map[string]string
}

// recorder records requests, and answers them with 204.
func recorder(requests chan<- received) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		headers := map[string]string{}
		for name, values := range r.Header {
			if name != "Content-Length" { // HTTP/2 has it there, too.
				headers[name] = strings.Join(values, "|")
			}
		}
		requests <- received{r.Method, r.RequestURI, r.Host, string(body), r.ContentLength, headers}
		w.WriteHeader(http.StatusNoContent)
	}
}

func TestRequests(t *testing.T) {
	requests := make(chan received, 1)
	e := serve(t, recorder(requests)).with(func(c *snapshot.Connection) { c.URI += "/base" })
	client, host := e.dial(), strings.TrimPrefix(e.server.URL, "https://")
	agent := func(more ...string) map[string]string {
		headers := map[string]string{"User-Agent": "twinway"}
		for i := 0; i < len(more); i += 2 {
			headers[more[i]] = more[i+1]
		}
		return headers
	}
	for name, test := range map[string]struct {
		message external.Message
		want    received
	}{
		"a message": {
			message: external.Message{
				Address: "POST:/twins?a=b", Payload: []byte(`{"a":1}`), Key: "k",
				Headers: external.Headers{"content-type": "application/json", "correlation-id": "c", "X-Api-Key": "k"},
			},
			want: received{
				Method: "POST", URI: "/base/twins?a=b", Body: `{"a":1}`, Length: 7,
				Headers: agent("Content-Type", "application/json", "Correlation-Id", "c", "X-Api-Key", "k"),
			},
		},
		"a text": {
			message: external.Message{Address: "PUT:/", Payload: []byte("ä")},
			want:    received{Method: "PUT", URI: "/base/", Body: "ä", Length: 2, Headers: agent("Content-Type", "text/plain; charset=UTF-8")},
		},
		"octets": {
			message: external.Message{Address: "PATCH:/", Payload: []byte("\xff")},
			want:    received{Method: "PATCH", URI: "/base/", Body: "\xff", Length: 1, Headers: agent("Content-Type", "application/octet-stream")},
		},
		"nothing": {
			message: external.Message{Address: "POST:", Headers: external.Headers{"content-type": "text/plain"}},
			want:    received{Method: "POST", URI: "/base", Headers: agent()},
		},
		"a method without body": {
			message: external.Message{Address: "GET:/a", Payload: []byte("{}"), Headers: external.Headers{"Content-Type": "application/json"}},
			want:    received{Method: "GET", URI: "/base/a", Headers: agent()},
		},
		"another method without body": {
			message: external.Message{Address: "DELETE:/a", Payload: []byte("{}")},
			want:    received{Method: "DELETE", URI: "/base/a", Headers: agent()},
		},
		"a path and a query of headers, which are not sent": {
			message: external.Message{Address: "GET:/a", Headers: external.Headers{"http.path": "/b", "http.query": "c", "user-agent": "d"}},
			want:    received{Method: "GET", URI: "/b?c", Headers: map[string]string{"User-Agent": "d"}},
		},
		"headers that are not for messages": {
			message: external.Message{Address: "GET:/a", Headers: external.Headers{
				"host": "evil.example", "Content-Length": "99", "transfer-encoding": "chunked", "Connection": "upgrade", "upgrade": "h2c", "te": "trailers",
				"expect": "100-continue", "proxy-authorization": "Basic YTpi", "Keep-Alive": "1", "trailer": "a",
			}},
			want: received{Method: "GET", URI: "/base/a", Headers: agent()},
		},
		"the authorization of a message": {
			message: external.Message{Address: "GET:/a", Headers: external.Headers{"authorization": "Key abc"}},
			want:    received{Method: "GET", URI: "/base/a", Headers: agent("Authorization", "Key abc")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			delivered(t, client, &test.message)
			test.want.Host = host
			if diff := cmp.Diff(test.want, <-requests); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOmitBody has other methods without bodies than usual.
func TestOmitBody(t *testing.T) {
	requests := make(chan received, 1)
	client := serve(t, recorder(requests)).with(func(c *snapshot.Connection) { c.HTTPPush.OmitBody = []string{"PUT"} }).dial()
	for method, want := range map[string]string{"GET": "body", "DELETE": "body", "POST": "body", "PATCH": "body", "PUT": ""} {
		delivered(t, client, &external.Message{Address: method + ":/", Payload: []byte("body")})
		if got := <-requests; got.Body != want || got.Method != method {
			t.Errorf("%s: got %s with body %q, want %q", method, got.Method, got.Body, want)
		}
	}
}

// TestMessagesThatCannotBeSent have an outcome that trying again would not change, and say nothing of what they hold.
func TestMessagesThatCannotBeSent(t *testing.T) {
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("a request for %s", r.RequestURI) }).dial()
	for name, m := range map[string]external.Message{
		"no address":                 {},
		"another method":             {Address: "TRACE:/hunter2"},
		"a way up":                   {Address: "POST:/hunter2/../.."},
		"a long path":                {Address: "POST:/" + strings.Repeat("hunter2", 2000)},
		"a header of two lines":      {Address: "POST:/", Headers: external.Headers{"a": "hunter2\r\nb: c"}},
		"a header with NUL":          {Address: "POST:/", Headers: external.Headers{"a": "hunter2\x00"}},
		"a header without name":      {Address: "POST:/", Headers: external.Headers{"": "hunter2"}},
		"a name with a space":        {Address: "POST:/", Headers: external.Headers{"hunter2 b": "c"}},
		"a name with a line":         {Address: "POST:/", Headers: external.Headers{"hunter2\r\nb": "c"}},
		"a name of another alphabet": {Address: "POST:/", Headers: external.Headers{"hunter2ä": "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := push(t, client, &m)
			if outcome.Status != http.StatusBadRequest || outcome.Again || outcome.Err == nil {
				t.Fatalf("got %+v", outcome)
			}
			if strings.Contains(outcome.Err.Error(), "hunter2") {
				t.Errorf("it shows what the message holds: %v", outcome.Err)
			}
		})
	}
}

// TestProtocols has endpoints with HTTP/1.1 and with HTTP/2.
func TestProtocols(t *testing.T) {
	for name, major := range map[string]int{"HTTP/1.1": 1, "HTTP/2": 2} {
		t.Run(name, func(t *testing.T) {
			versions := make(chan int, 1)
			handler := func(w http.ResponseWriter, r *http.Request) {
				versions <- r.ProtoMajor
				ok(w, r)
			}
			client := serve(t, handler, func(s *httptest.Server) { s.EnableHTTP2 = major == 2 }).dial()
			delivered(t, client, post("/"))
			if got := <-versions; got != major {
				t.Errorf("the request was one of HTTP/%d", got)
			}
		})
	}
}

// TestWithoutTLS has an endpoint that does without.
func TestWithoutTLS(t *testing.T) {
	requests := make(chan received, 1)
	plain := httptest.NewServer(recorder(requests))
	defer plain.Close()
	client := serve(t, ok).with(func(c *snapshot.Connection) { c.URI = plain.URL }).dial()
	delivered(t, client, post("/a"))
	if got := <-requests; got.URI != "/a" {
		t.Errorf("got %+v", got)
	}
}

// TestRedirects are answers like others: where they lead is not asked for anything.
func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			t.Error("a redirect to the same host was followed")
		}
		status := map[string]int{"/301": 301, "/302": 302, "/303": 303, "/307": 307, "/308": 308}[r.URL.Path]
		to := elsewhere.URL
		if r.URL.RawQuery != "" {
			to = "/there"
		}
		http.Redirect(w, r, to, status)
	}
	client := serve(t, handler).with(credentials(&snapshot.Credentials{Bearer: "t"})).dial()
	for path, status := range map[string]int{"/301": 301, "/302": 302, "/303?here": 303, "/307": 307, "/308?here": 308} {
		if outcome := push(t, client, post(path)); outcome.Status != status || outcome.Delivered() || outcome.Again {
			t.Errorf("%s: got %+v", path, outcome)
		}
	}
}

func TestDialRefuses(t *testing.T) {
	bearer := func(text snapshot.SecretContent) func(*snapshot.Connection) {
		return credentials(&snapshot.Credentials{Bearer: text})
	}
	for name, change := range map[string]func(*snapshot.Connection){
		"no URI":                    func(c *snapshot.Connection) { c.URI = "" },
		"a URI of another protocol": func(c *snapshot.Connection) { c.URI = "ftp://host" },
		"a URI without host":        func(c *snapshot.Connection) { c.URI = "https:///a" },
		"no options":                func(c *snapshot.Connection) { c.HTTPPush = nil },
		"no authority":              func(c *snapshot.Connection) { c.TLS.CA = "hunter2" },
		"no certificate": credentials(&snapshot.Credentials{
			ClientCertificate: &snapshot.ClientCertificate{Certificate: "hunter2", Key: "hunter2"},
		}),
		"a token of two lines": bearer("a\nhunter2"),
		"no token":             bearer(""),
		"a key that is none": credentials(&snapshot.Credentials{
			HMAC: &snapshot.HMAC{Algorithm: snapshot.HMACAzureSAS, Key: "hunter2!"},
		}),
		"no token endpoint": credentials(&snapshot.Credentials{OAuth2: &snapshot.OAuth2ClientCredentials{TokenEndpoint: "http://hunter2"}}),
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, ok).with(change)
			_, err := New().Dial(t.Context(), e.config())
			if refusal := (*link.Refusal)(nil); !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it shows what it should not: %v", err)
			}
		})
	}
}
