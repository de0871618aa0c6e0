package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipe returns a session, and the connection of the other side.
func pipe() (*session, net.Conn) {
	ours, theirs := net.Pipe()
	return &session{newLink(ours, 64)}, theirs
}

// drain hears all that is sent, and says nothing.
func drain(conn net.Conn) {
	b := make([]byte, 100)
	for {
		if _, err := conn.Read(b); err != nil {
			return
		}
	}
}

// An endpoint that accepts everything and says nothing is not waited for for ever, and not at all when the context ends.
func TestSilentEndpoint(t *testing.T) {
	e, err := NewEndpoint("http://h", Credentials{User: "a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := Defaults()
	for name, ask := range map[string]func(ctx context.Context, s *session) error{
		"handshake": func(ctx context.Context, s *session) error {
			return s.within(ctx, func() error { return e.shakeHands(s.link) })
		},
		"subscription": func(ctx context.Context, s *session) error { return s.subscribe(ctx, "START-SEND-EVENTS", "") },
		"look at a thing": func(ctx context.Context, s *session) error {
			_, err := (&probe{session: s, stock: newStock(p)}).count(ctx, 10)
			return err
		},
		"thing of fanout": func(ctx context.Context, s *session) error {
			return (&fanout{stock: newStock(p), publisher: s}).furnish(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, theirs := pipe()
				go drain(theirs)
				start := time.Now()
				if err := ask(t.Context(), s); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != patience {
					t.Errorf("%v after %v", err, time.Since(start))
				}
				ctx, stop := context.WithTimeout(t.Context(), time.Second)
				defer stop()
				start = time.Now()
				if err := ask(ctx, s); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
					t.Errorf("%v after %v", err, time.Since(start))
				}
				_ = s.Close()
			})
		})
	}
}

// A session that has become what it should be is not ended by the patience that there was before.
func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, theirs := pipe()
		go drain(theirs)
		if err := s.within(t.Context(), func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Hour)
			_, _ = theirs.Write(unmasked(0x81, "a"))
		}()
		if text, err := s.next(); err != nil || string(text) != "a" {
			t.Errorf("%q %v", text, err)
		}
		_ = s.Close()
	})
}

// A lane whose device has gone ends, and says so: its messages would be answered by nobody.
func TestDeviceGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, theirs := pipe()
		d := &device{session: s, gone: make(chan struct{})}
		go func() {
			defer close(d.gone)
			d.why = d.answer(newStock(Defaults()), 0)
		}()
		a := &accompanied{Lane: newEcho(time.Millisecond), device: d}
		a.watching.Go(a.watch)
		go func() {
			time.Sleep(time.Second)
			_, _ = theirs.Write(unmasked(0x88, "\x03\xf5too slow"))
		}()
		m, err := Run(t.Context(), func(context.Context, int) (Lane, error) { return a, nil }, Load{Lanes: 1, Window: 1, Duration: time.Hour}, nil)
		if err != nil || !m.Cut || len(m.Broken) != 1 || !strings.Contains(m.Broken[0].Error(), "device that answers: closed with 1013: too slow") {
			t.Errorf("%v, cut %t, broken %v", err, m.Cut, m.Broken)
		}
	})
}

// Sessions that are closed as soon as they are open are none.
func TestStormOfSessionsThatEnd(t *testing.T) {
	const n = 5
	var ended sync.WaitGroup
	ended.Add(n - 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for i := range n {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if i == n-1 {
				ended.Wait() // the client has seen all of them end
			}
			go func() {
				defer conn.Close()
				l := newLink(conn, busy)
				if _, err := http.ReadRequest(l.in); err != nil {
					return
				}
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: %s\r\n\r\n", accepted)
				if i < n-1 {
					_, _ = conn.Write(unmasked(0x88, "\x03\xf5too many"))
					defer ended.Done()
				}
				drain(conn)
			}()
		}
	}()
	e, err := NewEndpoint("http://"+listener.Addr().String(), Credentials{User: "a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := Defaults()
	p.Connections, p.Sessions = n, 1
	r, err := storm(t.Context(), New(e, p, WebSocket), WebSocket)
	if err != nil || r.Took.TotalCount() != n {
		t.Fatalf("%+v %v", r, err)
	}
	if got := reasons(r.Broken); !slices.Equal(got, []string{"4 × closed with 1013: too many"}) {
		t.Errorf("ended: %q", got)
	}
}

// A connection that the server closes in order is replaced: when it says so, and when nothing was asked for a while. One that is closed in
// the midst of work is broken.
func TestConnectionsThatTheServerCloses(t *testing.T) {
	for name, test := range map[string]struct {
		says  string
		since time.Duration // when the connection was used last
		works bool
	}{
		"it says so":      {"HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n", 0, true},
		"an old protocol": {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 0, true},
		"after a while":   {"HTTP/1.1 204 No Content\r\n\r\n", time.Minute, true},
		"at once":         {"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			closed := make(chan struct{}, 10)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					return
				}
				_, _ = conn.Write([]byte(test.says))
				_ = conn.Close()
				closed <- struct{}{}
			}))
			defer server.Close()
			e, err := NewEndpoint(server.URL, Credentials{User: "a"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := e.requests(newStock(Defaults()), func(int, int) task { return task{kind: read} })(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			lane := opened.(*requestLane)
			for op := range 3 {
				if op > 0 {
					lane.last = lane.last.Add(-test.since)
				}
				err := lane.Send(Op{Number: op})
				var o Outcome
				if err == nil {
					o, err = lane.Receive()
				}
				if fine := err == nil && o == (Outcome{Op: op}); fine != (test.works || op == 0) {
					t.Fatalf("operation %d: %+v %v", op, o, err)
				}
				if err != nil {
					return
				}
				<-closed
			}
		})
	}
}

// While nothing is asked, a lane does not mind that its connection is closed, and ends when it is closed itself.
func TestIdleRequestLane(t *testing.T) {
	lane := &requestLane{sent: make(chan struct{}, 1), closing: make(chan struct{})}
	received := make(chan error)
	go func() {
		_, err := lane.Receive()
		received <- err
	}()
	_ = lane.Close()
	_ = lane.Close()
	if err := <-received; !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

// What an answer to nothing says is told, such as an error of an endpoint that does not know what it belongs to.
func TestStrayAnswers(t *testing.T) {
	l := &sessionLane{tasks: func(int, int) task { return task{kind: read} }}
	stray := l.answered([]byte(`{"topic":"_/_/things/twin/errors","headers":{},"value":{"error":"json.invalid"},"status":400}`))
	if stray != (Outcome{-1, "400 json.invalid"}) {
		t.Errorf("%+v", stray)
	}
	d := newDriver(newRun([]Lane{nil}, Load{}), nil, 0)
	if d.settle(stray, time.Now()) || d.recorder.failures[unasked+" 400 json.invalid"] != 1 {
		t.Errorf("counted as %v", d.recorder.failures)
	}
}
