package session

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// silent gives back the place of each message and tells whose it was. It answers none.
type silent struct{ from chan *Session }

func (s silent) Handle(_ context.Context, from *Session, _ *protocol.Envelope) {
	from.NoReply()
	s.from <- from
}

// openSilent opens a session that nobody answers, and returns both ends. The client reads when it is told to.
func openSilent(t *testing.T, changes ...func(*Options)) (*Server, *Session, *client) {
	t.Helper()
	handler := silent{make(chan *Session, 100)}
	server, url := newTestServer(t, as(alice), handler, changes...)
	c := dial(t, url, nil)
	c.SetReadLimit(-1)
	c.send(anyMessage)
	return server, <-handler.from, c
}

// text is an answer that is what it says.
type text string

func (s text) Append(dst []byte) []byte { return append(dst, s...) }

// An answer takes no place among the messages in flight: there may be more answers than places.
func TestAnswersTakeNoPlace(t *testing.T) {
	_, s, c := openSilent(t) // four messages may be in flight
	for range 10 {
		s.Answer(text("answer"))
	}
	for range 10 {
		c.mustGet("answer")
	}
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	if s.gate.used != 0 {
		t.Errorf("%d messages are in flight", s.gate.used)
	}
}

// hold holds up what is sent to the session, with a signal that its client does not read.
func hold(s *Session) {
	s.Deliver(burst(strings.Repeat("s", heldBy)))
	for s.conn.WritingSince().IsZero() {
		runtime.Gosched()
	}
}

// heldBy is more than the system takes of what nobody reads, in bytes.
const heldBy = 32 << 20

func burst(text string) (b wire.Burst) {
	b.Add(func(dst []byte) ([]byte, bool) { return append(dst, text...), true })
	return b
}

// A session that does not read its answers is given those for which there was room, and then a reason why there are no more;
// signals that wait make room. That there was one more is counted.
func TestUnreadAnswersEndTheSession(t *testing.T) {
	counted := metrics.New()
	_, s, c := openSilent(t, func(o *Options) { o.Metrics, o.Settings.QueueBytes = counted, 2*heldBy })
	hold(s)
	s.Deliver(burst("a signal"))
	const size = 1<<20 - 10 // with the header of its frame it divides the bound
	long := text(strings.Repeat("a", size))
	for range maxWaitingAnswers / len(long) {
		s.Answer(long)
	}
	if s.conn.Closing() {
		t.Fatal("the session is closed before there is one too many")
	}
	s.Answer(text("one too many"))
	s.Answer(text("too late"))
	if code := s.closing.Load(); code != closeTryLater {
		t.Errorf("the session is closed with %d", code)
	}
	for _, want := range append([]int{heldBy}, slices.Repeat([]int{size}, maxWaitingAnswers/len(long))...) {
		if got := c.get(); len(got) != want {
			t.Fatalf("got %.20q… of %d bytes, want %d", got, len(got), want)
		}
	}
	if reason := c.mustClose(websocket.StatusTryAgainLater); reason == "" {
		t.Error("there is no reason")
	}
	if n := value(t, counted, "twinway_answers_unread_total"); n != 1 {
		t.Errorf("%v answers are counted as unread", n)
	}
}

// value returns the sum of all there is of a counter.
func value(t *testing.T, m *metrics.Metrics, name string) (sum float64) {
	t.Helper()
	families, err := m.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			for _, metric := range family.GetMetric() {
				sum += metric.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// Long before that, the session is not read any more: it asks for nothing until it has read.
func TestSessionWithUnreadAnswersIsNotRead(t *testing.T) {
	handler := silent{make(chan *Session, 1)}
	_, url := newTestServer(t, as(alice), handler, func(o *Options) { o.Settings.QueueBytes = 2 * heldBy })
	c := dial(t, url, nil)
	c.SetReadLimit(-1)
	c.send(anyMessage)
	s := <-handler.from
	hold(s)
	s.Answer(text(strings.Repeat("a", enoughAnswers+1)))
	c.send(anyMessage)
	wait(t, s.busy.Load)
	var read atomic.Int64
	go c.drain(&read)
	<-handler.from
	if n := read.Load(); n < heldBy/4 {
		t.Errorf("the session was read when the client had read %d KiB", n>>10)
	}
}

// drain reads to the end and counts what it has read, in bytes.
func (c *client) drain(read *atomic.Int64) {
	buf := make([]byte, 64<<10)
	for {
		_, r, err := c.Reader(context.Background())
		for err == nil {
			var n int
			n, err = r.Read(buf)
			read.Add(int64(n))
		}
		if !errors.Is(err, io.EOF) {
			return
		}
	}
}
