package bench

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fake is an endpoint that answers what fanout asks, and does wrong what it is told to.
type fake struct {
	// deliver returns how often an event goes to a subscriber.
	deliver func(subscriber, op int) int
	// answer returns the status that answers a change.
	answer func(op int) int
	// again is how many times more each change is answered.
	again int
	// pings says that who changes the thing is pinged, and nobody else is admitted before that is answered.
	pings bool

	ponged      chan struct{}
	mu          sync.Mutex
	changes     int64 // that were done
	refused     int64
	delivered   int64 // at least once, on connections that were not cut off
	subscribers []*link
}

func (f *fake) start(t *testing.T) *Endpoint {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.ponged = make(chan struct{})
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				f.serve(newLink(conn, busy))
			})
		}
	})
	e, err := NewEndpoint("http://"+listener.Addr().String(), Credentials{User: "ada"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// serve serves a session until it ends, or the fake wants no more of it.
func (f *fake) serve(l *link) {
	if _, err := http.ReadRequest(l.in); err != nil {
		return
	}
	say := func(text string) {
		_ = l.write(false, func(b []byte) []byte { return appendServerFrame(b, []byte(text)) })
	}
	_ = l.write(false, func(b []byte) []byte {
		return fmt.Appendf(b, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: %s\r\n\r\n", accepted)
	})
	for {
		head, err := l.take(2)
		if err != nil {
			return
		}
		if head[0]&0xF == opPong {
			close(f.ponged)
		}
		n := int(head[1] &^ masked)
		if n == 126 {
			if head, err = l.take(2); err != nil {
				return
			}
			n = int(head[0])<<8 | int(head[1])
		}
		if _, err := l.take(4); err != nil {
			return
		}
		text, err := l.take(n)
		if err != nil {
			return
		}
		switch op := number(text); {
		case bytes.HasPrefix(text, []byte("START-SEND-EVENTS")):
			f.mu.Lock()
			f.subscribers = append(f.subscribers, l)
			f.mu.Unlock()
			if f.pings {
				<-f.ponged
			}
			say("START-SEND-EVENTS:ACK")
		case len(text) == 0: // a pong
		case op < 0:
			say(`{"headers":{"correlation-id":"created"},"status":201}`)
			if f.pings {
				_ = l.write(false, func(b []byte) []byte { return append(b, final|opPing, 0) })
			}
		default:
			f.change(op, say)
		}
	}
}

// change answers a change, and delivers its event.
func (f *fake) change(op int, say func(text string)) {
	headers := fmt.Sprintf(`{"headers":{"correlation-id":"0-%d"}`, op)
	f.mu.Lock()
	defer f.mu.Unlock()
	code := f.answer(op)
	if code != 204 {
		f.refused++
	}
	for range 1 + f.again {
		say(fmt.Sprintf(`%s,"status":%d}`, headers, code))
	}
	if code != 204 {
		return
	}
	f.changes++
	for i, l := range f.subscribers {
		n := f.deliver(i, op)
		if n < 0 {
			_ = l.conn.Close()
		}
		if n > 0 {
			f.delivered++
		}
		for range n {
			_ = l.write(false, func(b []byte) []byte { return appendServerFrame(b, []byte(headers+`,"value":1}`)) })
		}
	}
}

// What is lost, comes twice, is refused or cut off is told, and how much of it.
func TestFanoutSeesWhatIsMissing(t *testing.T) {
	const subscribers, again = 5, "delivered again, or out of order"
	once, done := func(int, int) int { return 1 }, func(int) int { return 204 }
	for name, test := range map[string]struct {
		deliver func(subscriber, op int) int
		answer  func(op int) int
		broken  int
		want    func(f *fake) map[string]int64
	}{
		"nothing": {once, done, 0, func(*fake) map[string]int64 { return map[string]int64{} }},
		"every tenth for one": {func(s, op int) int {
			if s == 2 && op%10 == 5 && op < 60 {
				return 0
			}
			return 1
		}, done, 0, func(f *fake) map[string]int64 {
			return map[string]int64{lost: f.changes*subscribers - f.delivered}
		}},
		"twice": {func(_, op int) int {
			if op == 3 || op == 8 {
				return 2
			}
			return 1
		}, done, 0, func(*fake) map[string]int64 { return map[string]int64{again: 2 * subscribers} }},
		"refused": {once, func(op int) int { return 204 + op%2*299 }, 0, func(f *fake) map[string]int64 {
			return map[string]int64{"modify: 503": f.refused}
		}},
		"cut off": {func(s, op int) int {
			if s == 0 && op == 20 {
				return -1
			}
			return 1
		}, done, 1, func(f *fake) map[string]int64 { return map[string]int64{lost: f.changes - 20} }},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{deliver: test.deliver, answer: test.answer}
			p := Defaults()
			p.Subject, p.Subscribers, p.Window = "nginx:ada", subscribers, 1
			p.Warmup, p.Duration = 0, Span(300*time.Millisecond)
			r, err := fanOut(t.Context(), New(f.start(t), p, WebSocket), WebSocket)
			if err != nil {
				t.Fatal(err)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if diff := cmp.Diff(test.want(f), r.Failures); diff != "" || len(r.Broken) != test.broken {
				t.Errorf("%d changes, broken %v, failures (-want +got):\n%s", f.changes, r.Broken, diff)
			}
			if complete := int64(r.Figures["modifications_per_second"]*r.Elapsed.Seconds() + 0.5); complete != f.changes {
				t.Errorf("%d of %d changes are over", complete, f.changes)
			}
			if missing := r.Failures[lost]; r.Took.TotalCount() != f.changes*subscribers-missing {
				t.Errorf("%d changes, %d deliveries, %d lost", f.changes, r.Took.TotalCount(), missing)
			}
		})
	}
}

// Who changes the thing answers pings while subscribers are being admitted, which may take minutes.
func TestFanoutAnswersPingsMeanwhile(t *testing.T) {
	f := &fake{deliver: func(int, int) int { return 1 }, answer: func(int) int { return 204 }, pings: true}
	if r := runFanout(t, f); len(r.Failures) > 0 || len(r.Broken) > 0 || r.Took.TotalCount() == 0 {
		t.Errorf("%d deliveries, %v, broken %v", r.Took.TotalCount(), r.Failures, r.Broken)
	}
}

// However often changes are answered, each is over once, and the run ends.
func TestFanoutIsAnsweredAgain(t *testing.T) {
	for _, code := range []int{204, 503} {
		f := &fake{deliver: func(int, int) int { return 1 }, answer: func(int) int { return code }, again: 3}
		r := runFanout(t, f)
		f.mu.Lock()
		n, all := r.Failures["modify: "+unasked], f.changes+f.refused // the last ones may come when nobody listens any more
		if n == 0 || n > 3*all || r.Failures["modify: 503"] != f.refused || r.Failures[lost] != 0 || len(r.Broken) > 0 {
			t.Errorf("%d changes, %d refused, %v, broken %v", f.changes, f.refused, r.Failures, r.Broken)
		}
		f.mu.Unlock()
	}
}

func runFanout(t *testing.T, f *fake) *Result {
	t.Helper()
	p := Defaults()
	p.Subject, p.Subscribers, p.Window, p.Warmup, p.Duration = "nginx:ada", 3, 1, 0, Span(200*time.Millisecond)
	r, err := fanOut(t.Context(), New(f.start(t), p, WebSocket), WebSocket)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
