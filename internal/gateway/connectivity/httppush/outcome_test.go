package httppush

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// byPath answers with the status that the path names, and a Retry-After that the query is.
func byPath(w http.ResponseWriter, r *http.Request) {
	if r.URL.RawQuery != "" {
		w.Header().Set("Retry-After", strings.ReplaceAll(r.URL.RawQuery, "%20", " "))
	}
	status, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	w.WriteHeader(status)
}

func TestStatuses(t *testing.T) {
	client := serve(t, byPath).dial()
	for status, again := range map[int]bool{
		200: false, 201: false, 202: false, 204: false, 299: false,
		304: false, 400: false, 401: false, 403: false, 404: false, 405: false, 409: false, 410: false, 412: false, 413: false, 422: false, 425: false,
		408: true, 429: true, 500: true, 501: true, 502: true, 503: true, 504: true, 507: true, 599: true,
	} {
		outcome := push(t, client, post("/"+strconv.Itoa(status)))
		success := status < 300
		if outcome.Status != status || outcome.Again != again || outcome.Delivered() != success || (outcome.Err == nil) != success || outcome.RetryAfter != 0 {
			t.Errorf("%d: got %+v", status, outcome)
		}
	}
	for _, status := range []int{600, 777, 999} {
		if outcome := push(t, client, post("/"+strconv.Itoa(status))); outcome.Status != http.StatusBadGateway || outcome.Again || outcome.Err == nil {
			t.Errorf("%d, which there is not: got %+v", status, outcome)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	client := serve(t, byPath).dial()
	for value, want := range map[string]time.Duration{
		"0":                    0,
		"7":                    7 * time.Second,
		"3600":                 time.Hour,
		"86400":                time.Hour,
		"99999999999999999999": 0,
		"-1":                   0,
		"soon":                 0,
		"Thu,%2001%20Jan%202026%2012:00:30%20GMT": 30 * time.Second,
		"Thu,%2001%20Jan%202026%2011:00:30%20GMT": 0,
		"Sat,%2001%20Jan%202050%2011:00:30%20GMT": time.Hour,
	} {
		if outcome := push(t, client, post("/429?"+value)); !outcome.Again || outcome.RetryAfter != want {
			t.Errorf("%s: got %+v, want %v", value, outcome, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	date := "Thu, 01 Jan 2026 12:00:00 GMT"
	for name, test := range map[string]struct {
		status  int
		headers map[string]string
		body    string
		want    external.Message
	}{
		"JSON": {
			status: 200, headers: map[string]string{"Content-Type": "application/json", "X-Trace": "t"}, body: `{"a":1}`,
			want: external.Message{Headers: external.Headers{"content-type": "application/json", "x-trace": "t", "date": date}, Payload: []byte(`{"a":1}`)},
		},
		"a failure": {
			status: 500, headers: map[string]string{"Content-Type": "text/plain"}, body: "no",
			want: external.Message{Headers: external.Headers{"content-type": "text/plain", "date": date}, Payload: []byte("no")},
		},
		"nothing": {
			status: 204, want: external.Message{Headers: external.Headers{"date": date}, Payload: []byte{}},
		},
		"of no type": {
			status: 200, headers: map[string]string{"Content-Type": ""}, body: "\x00",
			want: external.Message{Headers: external.Headers{"content-type": "application/octet-stream", "date": date}, Payload: []byte{0}},
		},
		"what is between the ends of a connection, or theirs": {
			status: 200, body: "a",
			headers: map[string]string{
				"Content-Type": "text/plain", "Set-Cookie": "session=hunter2", "Keep-Alive": "timeout=5", "Alt-Svc": `h3=":443"`,
				"Www-Authenticate": "Basic", "Proxy-Authenticate": "Basic",
			},
			want: external.Message{Headers: external.Headers{"content-type": "text/plain", "date": date}, Payload: []byte("a")},
		},
		"as large as can be": {
			status: 200, headers: map[string]string{"Content-Type": "text/plain"}, body: strings.Repeat("a", 100_000),
			want: external.Message{Headers: external.Headers{"content-type": "text/plain", "date": date}, Payload: []byte(strings.Repeat("a", 100_000))},
		},
		"too large": {
			status: 200, headers: map[string]string{"Content-Type": "text/plain"}, body: strings.Repeat("a", 100_001),
			want: external.Message{Headers: external.Headers{"content-type": "text/plain", "date": date}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", date)
				for name, value := range test.headers {
					w.Header().Set(name, value)
				}
				if test.headers["Content-Type"] == "" && test.body != "" {
					w.Header()["Content-Type"] = nil
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}).dial()
			outcome := push(t, client, post("/"))
			if diff := cmp.Diff(&test.want, outcome.Answer); diff != "" || outcome.Status != test.status {
				t.Errorf("status %d (-want +got):\n%s", outcome.Status, diff)
			}
		})
	}
}

// TestAnswerWithoutEnd: a bounded part of an answer is read, after which the next request takes another connection.
func TestAnswerWithoutEnd(t *testing.T) {
	ended := make(chan struct{}, 1)
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/endless" {
			ok(w, r)
			return
		}
		chunk := make([]byte, 32<<10)
		for {
			if _, err := w.Write(chunk); err != nil {
				ended <- struct{}{}
				return
			}
		}
	}).dial()
	if outcome := delivered(t, client, post("/endless")); outcome.Answer.Payload != nil {
		t.Errorf("%d bytes of it were kept", len(outcome.Answer.Payload))
	}
	<-ended
	delivered(t, client, post("/"))
}

// TestAnswerThatBreaksOff: the status has come, so the message has its outcome.
func TestAnswerThatBreaksOff(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}).dial()
	if outcome := delivered(t, client, post("/")); outcome.Status != 200 || outcome.Answer.Payload != nil {
		t.Errorf("got %+v", outcome)
	}
}

// TestAnswerOfAnotherProtocol: who switches to another without being asked is not listened to.
func TestAnswerOfAnotherProtocol(t *testing.T) {
	silent := make(chan struct{})
	e := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		raw, _, _ := w.(http.Hijacker).Hijack()
		_, _ = io.WriteString(raw, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: silence\r\n\r\n")
		<-silent
		_ = raw.Close()
	})
	defer close(silent)
	if outcome := push(t, e.dial(), post("/")); outcome.Status != http.StatusBadGateway || outcome.Err == nil || outcome.Again {
		t.Errorf("got %+v", outcome)
	}
}

// TestNoAnswer has what can come between a request and its answer. The same message may be delivered later.
func TestNoAnswer(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	hang := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	babble := func(w http.ResponseWriter, _ *http.Request) {
		raw, _, _ := w.(http.Hijacker).Hijack()
		_, _ = io.WriteString(raw, "hunter2\r\n\r\n")
		_ = raw.Close()
	}
	other := linktest.NewAuthority(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		change  func(*snapshot.Connection)
		status  int
		says    string
		refusal bool
	}{
		"silence":        {handler: hang, change: func(c *snapshot.Connection) { c.HTTPPush.Timeout = 50 * time.Millisecond }, status: 504, says: "no answer in time"},
		"the end":        {handler: abort, status: 503, says: "EOF"},
		"something else": {handler: babble, status: 503, says: "does not speak HTTP"},
		"nobody there": {
			handler: ok, change: func(c *snapshot.Connection) { c.URI = "https://" + listener.Addr().String() }, status: 503, says: "nobody listens at", refusal: true,
		},
		"no such host": {
			handler: ok, change: func(c *snapshot.Connection) { c.URI = "https://twinway.invalid" }, status: 503, says: "twinway.invalid",
		},
		"no trust": {
			handler: ok, change: func(c *snapshot.Connection) { c.TLS.CA = other.CA() }, status: 503, says: "certificate", refusal: true,
		},
		"no TLS": {
			handler: ok, change: func(c *snapshot.Connection) { c.URI = strings.Replace(c.URI, "https", "http", 1) }, status: 400,
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, test.handler)
			if test.change != nil {
				e.with(test.change)
			}
			outcome := push(t, e.dial(), &external.Message{Address: "POST:/hunter2?hunter2", Payload: []byte("hunter2")})
			if outcome.Status != test.status || outcome.Again != (test.status >= 500) || outcome.Err == nil {
				t.Fatalf("got %+v", outcome)
			}
			if text := outcome.Err.Error(); !strings.Contains(text, test.says) {
				t.Errorf("it says %q, want %q", text, test.says)
			} else if strings.Contains(text, "hunter2") {
				t.Errorf("it shows the request: %q", text)
			}
			if refusal := (*link.Refusal)(nil); test.refusal && !errors.As(outcome.Err, &refusal) {
				t.Errorf("%v is nothing to mend", outcome.Err)
			}
		})
	}
}

// TestSlowAnswer: the time of a request is that of its answer, too.
func TestSlowAnswer(t *testing.T) {
	e := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "a")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}).with(func(c *snapshot.Connection) { c.HTTPPush.Timeout = 100 * time.Millisecond })
	client := e.dial()
	outcome := push(t, client, post("/"))
	for !outcome.Delivered() { // The beginning of the answer has not come in time, either.
		outcome = push(t, client, post("/"))
	}
	if outcome.Answer.Payload != nil {
		t.Errorf("got %+v", outcome)
	}
}

// TestStalled: a request whose body nobody reads ends in time, too.
func TestStalled(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	e := serve(t, ok).with(func(c *snapshot.Connection) {
		c.URI, c.HTTPPush.Timeout = "http://"+listener.Addr().String(), 100*time.Millisecond
	})
	m := post("/")
	m.Payload = make([]byte, 32<<20)
	if outcome := push(t, e.dial(), m); outcome.Status != http.StatusGatewayTimeout || !outcome.Again {
		t.Errorf("got %+v", outcome)
	}
}

// TestIdleConnections are used again, also after answers that are large.
func TestIdleConnections(t *testing.T) {
	from := make(chan string, 1)
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		from <- r.RemoteAddr
		_, _ = w.Write(make([]byte, 200_000))
	}).dial()
	delivered(t, client, post("/"))
	first := <-from
	for range 5 {
		delivered(t, client, post("/"))
		if again := <-from; again != first {
			t.Fatalf("another connection: %s after %s", again, first)
		}
	}
}
