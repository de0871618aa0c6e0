package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// scribe is the writer of a response. It notes what was written, and when.
type scribe struct {
	mu       sync.Mutex
	began    time.Time
	header   http.Header
	status   int
	lines    []string      // "seconds text"
	taken    chan struct{} // nil: at once; otherwise the peer takes one write for each
	deadline time.Time
	later    chan struct{} // closed when there is another deadline
}

func newScribe() *scribe {
	return &scribe{began: time.Now(), header: http.Header{}, later: make(chan struct{})}
}

func (s *scribe) Header() http.Header    { return s.header }
func (s *scribe) WriteHeader(status int) { s.status = status }
func (s *scribe) FlushError() error      { return nil }

func (s *scribe) SetWriteDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = t
	close(s.later)
	s.later = make(chan struct{})
	return nil
}

var errLate = errors.New("the deadline has passed")

func (s *scribe) Write(p []byte) (int, error) {
	for s.taken != nil {
		s.mu.Lock()
		deadline, later := s.deadline, s.later
		s.mu.Unlock()
		select {
		case <-s.taken:
			return s.note(p), nil
		case <-later:
		case <-time.After(time.Until(deadline)):
			return 0, errLate
		}
	}
	return s.note(p), nil
}

func (s *scribe) note(p []byte) int {
	if len(p) > 0 {
		s.lines = append(s.lines, fmt.Sprintf("%v %s", time.Since(s.began), strings.TrimSuffix(string(p), "\n\n")))
	}
	return len(p)
}

// table is a request for a stream, and what is around it.
type table struct {
	*request
	scribe *scribe
	hub    *pubsub.Hub
	leave  context.CancelCauseFunc // by the client
}

func newTable(t *testing.T) *table {
	ctx, leave := context.WithCancelCause(t.Context())
	server := NewServer(Options{Metrics: metrics.New()})
	w := newScribe()
	q := &request{
		server: server, writer: w, http: httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/2/things", nil),
		audience: &pubsub.Audience{Subjects: []string{"nginx:ann"}},
	}
	return &table{q, w, pubsub.NewHub(), leave}
}

// follow follows the hub, and tells every signal as it is.
func (b *table) follow() *answer {
	return b.stream(func(s *eventStream) (func() *protocol.Error, *protocol.Error) {
		l := s.subscribe(b.hub, nil, nil)
		return func() *protocol.Error {
			s.follow(l, func(text []byte) (event, bool) { return event{data: text}, string(text) != "no" })
			return nil
		}, nil
	})
}

func (b *table) publish(text string) { b.hub.Publish([]*pubsub.Signal{{Body: word(text)}}) }

// word is a signal that everybody may see.
type word string

func (w word) View(*pubsub.Audience, *pubsub.Want) pubsub.View { return w }
func (w word) AppendSignal(dst []byte, _ pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	return append(dst, w...), true
}
func (word) Forget() {}

func (b *table) mustHave(t *testing.T, lines ...string) {
	t.Helper()
	if got, want := strings.Join(b.scribe.lines, "\n"), strings.Join(lines, "\n"); got != want {
		t.Errorf("written was\n%s\nwant\n%s", got, want)
	}
}

// mustHaveEnded expects that the stream has ended for a reason, and that nothing is left of it.
func (b *table) mustHaveEnded(t *testing.T, reason string) {
	t.Helper()
	if n := value(t, b.server.options.Metrics, "twinway_event_streams_ended_total", reason); n != 1 {
		t.Errorf("%v streams have ended as %s", n, reason)
	}
	if b.hub.Subscribers() != 0 || b.server.Streams() != 0 {
		t.Errorf("%d subscribers and %d streams are left", b.hub.Subscribers(), b.server.Streams())
	}
}

// A heartbeat follows each second of silence: since something was written, not since something has come.
func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTable(t)
		done := make(chan *answer)
		go func() { done <- b.follow() }()
		for _, text := range []string{"a", "no", "no", "b"} {
			time.Sleep(700 * time.Millisecond)
			b.publish(text)
		}
		time.Sleep(2500 * time.Millisecond)
		b.leave(nil)
		if a := <-done; a != nil || b.scribe.status != 200 || b.scribe.header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("answered %v, %d %v", a, b.scribe.status, b.scribe.header)
		}
		b.mustHave(t, "700ms data:a", "1.7s data:", "2.7s data:", "2.8s data:b", "3.8s data:", "4.8s data:")
		b.mustHaveEnded(t, "left")
	})
}

// A stream ends with the token that it was opened with, also if it is never silent.
func TestStreamsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTable(t)
		b.who = auth.Identity{Expires: time.Now().Add(1500 * time.Millisecond)}
		done := make(chan *answer)
		go func() { done <- b.follow() }()
		for range 4 {
			time.Sleep(400 * time.Millisecond)
			b.publish("no")
		}
		<-done
		b.mustHave(t, "1s data:")
		b.mustHaveEnded(t, "expired")
		if took := time.Since(b.scribe.began); took != 1600*time.Millisecond {
			t.Errorf("ended after %s", took)
		}
	})
}

// Who takes nothing is disconnected when too much waits for it, and soon: its write is not waited for any longer.
func TestSlowStreamsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTable(t)
		b.scribe.taken = make(chan struct{}, 2)
		b.scribe.taken <- struct{}{} // of the header
		done := make(chan *answer)
		go func() { done <- b.follow() }()
		synctest.Wait()
		b.publish("first")
		synctest.Wait() // it is being written
		for range maxWaiting {
			b.publish("waits")
		}
		synctest.Wait()
		if b.server.Streams() != 1 {
			t.Error("ended although there was room")
		}
		b.publish("does not")
		<-done
		b.mustHaveEnded(t, "slow")
		if took := time.Since(b.scribe.began); took != farewell {
			t.Errorf("ended after %s", took)
		}
		if n := dropped(t, b.server.options.Metrics); n != 1 {
			t.Errorf("%v signals are counted as dropped", n)
		}
	})
}

// Who takes nothing for long is given up, even if nothing waits for it.
func TestStuckStreamsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTable(t)
		b.scribe.taken = make(chan struct{}, 1)
		b.scribe.taken <- struct{}{}
		b.follow()
		b.mustHaveEnded(t, "left")
		if took := time.Since(b.scribe.began); took != silence+writePatience {
			t.Errorf("ended after %s", took)
		}
	})
}

// Streams end when they are parted, at an even rate, or all at once when the server closes; none begins any more.
func TestStreamsPart(t *testing.T) {
	for name, part := range map[string]struct {
		part func(*Server)
		took time.Duration
	}{
		"spread":    {func(s *Server) { s.Refuse(); s.Part(context.Background(), 50*time.Millisecond) }, 40 * time.Millisecond},
		"few":       {func(s *Server) { s.Refuse(); s.Part(context.Background(), time.Hour) }, 4 * partTick},
		"at once":   {func(s *Server) { s.Refuse(); s.Part(context.Background(), 0) }, 0},
		"closed":    {func(s *Server) { s.Close(); s.Wait() }, 0},
		"no longer": {func(s *Server) { s.Admit(func(auth.Identity) bool { return false }); s.Wait() }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newTable(t)
				var running sync.WaitGroup
				for range 5 {
					of := newTable(t)
					of.request.server, of.hub = b.server, b.hub
					running.Go(func() { of.follow() })
				}
				synctest.Wait()
				if b.server.Streams() != 5 || b.hub.Subscribers() != 5 {
					t.Fatalf("%d streams are open", b.server.Streams())
				}
				began := time.Now()
				part.part(b.server)
				running.Wait()
				if took := time.Since(began); took != part.took || b.server.Streams() != 0 || b.hub.Subscribers() != 0 {
					t.Errorf("%d streams are open after %s, want none after %s", b.server.Streams(), took, part.took)
				}
				if a := b.follow(); a == nil || a.status != 503 && a.status != 401 {
					t.Errorf("a stream is answered %v", a)
				}
			})
		})
	}
}

// What a server refused it serves again when it accepts, but not when it was closed.
func TestStreamsBeginAgain(t *testing.T) {
	s := newStreams(nil)
	q := &request{}
	try := func() bool {
		leave, err := s.enter(&eventStream{request: q})
		if err == nil {
			leave()
		}
		return err == nil
	}
	for i, step := range []struct {
		do   func()
		want bool
	}{
		{func() {}, true},
		{func() { s.refuse(true) }, false},
		{func() { s.refuse(false) }, true},
		{func() { s.closed = true; s.refuse(false) }, false},
	} {
		if step.do(); try() != step.want {
			t.Errorf("%d: begun %t", i, !step.want)
		}
	}
}

// A place is taken before anything is done, and given back, whatever comes of the stream.
func TestStreamsTakePlaces(t *testing.T) {
	taken, most := 0, 1
	b := newTable(t)
	b.server.streams.place = func() (func(), bool) {
		if taken == most {
			return nil, false
		}
		taken++
		return func() { taken-- }, true
	}
	begun := 0
	failing := func(*eventStream) (func() *protocol.Error, *protocol.Error) {
		begun++
		if taken != 1 {
			t.Errorf("%d places are taken", taken)
		}
		return nil, protocol.ErrInternal()
	}
	if a := b.stream(failing); a.status != 500 || taken != 0 || b.server.Streams() != 0 {
		t.Errorf("answered %d, %d places are taken", a.status, taken)
	}
	most = 0
	if a := b.stream(failing); a.status != 503 || begun != 1 {
		t.Errorf("answered %d, begun %d times", a.status, begun)
	}
	most = 1
	b.server.Refuse()
	if a := b.stream(failing); a.status != 503 || begun != 1 || taken != 0 {
		t.Errorf("answered %d, begun %d times, %d places are taken", a.status, begun, taken)
	}
}

// Events that are pulled are written together, those before a pause before it. What goes wrong on the way is the last event.
func TestPulledEvents(t *testing.T) {
	type step struct {
		text string // "" for nothing yet
		take time.Duration
		err  *protocol.Error
	}
	failure := protocol.ErrInternal()
	told := "data:" + string(failure.Append(nil))
	large := strings.Repeat("x", enough)
	for name, tc := range map[string]struct {
		steps  []step
		want   []string
		reason string
	}{
		"nothing":        {nil, nil, "completed"},
		"some":           {[]step{{text: "a"}, {text: "b"}}, []string{"0s data:a\n\ndata:b"}, "completed"},
		"with a pause":   {[]step{{text: "a"}, {}, {take: time.Second / 2}, {text: "b"}}, []string{"0s data:a", "500ms data:b"}, "completed"},
		"a long time":    {[]step{{text: "a"}, {}, {take: 1100 * time.Millisecond}, {take: 1100 * time.Millisecond}, {text: "b"}}, []string{"0s data:a", "1.1s data:", "2.2s data:", "2.2s data:b"}, "completed"},
		"much":           {[]step{{text: large}, {text: "b"}}, []string{"0s data:" + large, "0s data:b"}, "completed"},
		"a failure":      {[]step{{text: "a"}, {err: failure}}, []string{"0s data:a\n\n" + told}, "failed"},
		"failed at once": {[]step{{err: failure}}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, at := newTable(t), 0
				a := b.stream(func(s *eventStream) (func() *protocol.Error, *protocol.Error) {
					return s.tell(func(context.Context) (*event, bool, *protocol.Error) {
						if at == len(tc.steps) {
							return nil, false, nil
						}
						step := tc.steps[at]
						at++
						time.Sleep(step.take)
						if step.text == "" {
							return nil, true, step.err
						}
						return &event{data: []byte(step.text)}, true, nil
					})
				})
				if tc.reason == "" {
					if a == nil || a.status != failure.Status {
						t.Errorf("answered %v", a)
					}
					return
				}
				b.mustHave(t, tc.want...)
				b.mustHaveEnded(t, tc.reason)
			})
		})
	}
}
