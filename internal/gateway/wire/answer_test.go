package wire

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
)

// held returns a connection whose writer is held up by a silent peer, with a long signal, so that all that is queued from
// now on waits.
func held(t *testing.T, replied func(int)) (*Conn, net.Conn) {
	t.Helper()
	o := roomy()
	o.MaxBytes, o.Replied = 64<<20, replied
	c, peer := silent(t, o)
	c.Deliver(burst(strings.Repeat("x", 16<<20)))
	for c.WritingSince().IsZero() {
		runtime.Gosched()
	}
	return c, peer
}

// answer returns a text frame of n bytes, 128 to 65539.
func answer(n int) []byte {
	return AppendText(nil, text(strings.Repeat("a", n-len("\x81\x7e\x00\x00"))))
}

// behind reads up to the end that is given and returns what follows the signal that held up the connection.
func behind(t *testing.T, peer net.Conn, end string) string {
	t.Helper()
	var all []byte
	for buf := make([]byte, 64<<10); !bytes.HasSuffix(all, []byte(end)); {
		n, err := peer.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, buf[:n]...)
	}
	return string(all[bytes.LastIndex(all, []byte("xxx"))+3:])
}

// What waits of answers is bounded to the byte, whatever else waits, and there is room again for what was written.
func TestAnswersAreBounded(t *testing.T) {
	c, peer := held(t, func(int) {})
	c.Reply(answer(1000))
	for i, step := range []struct {
		size  int
		taken bool
	}{{400, true}, {400, true}, {201, false}, {200, true}, {128, false}} {
		if taken := c.Answer(answer(step.size), 1000); taken != step.taken {
			t.Errorf("step %d: an answer of %d bytes is taken: %t", i, step.size, taken)
		}
	}
	if n := c.Deliver(burst("signal")); n != 1 || c.Closing() {
		t.Errorf("%d signals are taken, closing: %t", n, c.Closing())
	}
	go func() { _, _ = io.Copy(io.Discard, peer) }()
	for !c.Answer(answer(1000), 1000) {
		runtime.Gosched()
	}
}

// An answer larger than what may wait waits alone.
func TestLargeAnswerIsTakenAlone(t *testing.T) {
	c, _ := held(t, func(int) {})
	if !c.Answer(answer(1001), 1000) {
		t.Error("with nothing before it, it is not taken")
	}
	if c.Answer(answer(128), 1000) {
		t.Error("behind it, another is taken")
	}
}

// Answers are not counted as replies, keep their places, and are not given up with the signals of who reads too slowly.
func TestShedKeepsAnswers(t *testing.T) {
	c, peer := held(t, func(n int) { t.Errorf("%d replies were counted", n) })
	c.Answer(AppendText(nil, text("one")), 1000)
	c.Deliver(burst("signal"))
	c.Answer(AppendText(nil, text("two")), 1000)
	c.Shed(1013, "too slow")
	if !c.Answer(AppendText(nil, text("three")), 0) {
		t.Error("a connection that is closing does not take an answer")
	}
	if got := behind(t, peer, "too slow"); got != "\x81\x03one\x81\x03two\x88\x0a\x03\xf5too slow" {
		t.Errorf("behind the signal comes %.80q", got)
	}
}

// Answers that wait hold up their session, more of them than replies may or less, as is said.
func TestAnswersThatWaitHoldUpTheirSession(t *testing.T) {
	c, peer := held(t, func(int) {})
	c.Answer(answer(1000), 1<<20)
	c.AwaitReplies(0, 1000)
	waited := make(chan struct{})
	go func() {
		c.AwaitReplies(1<<20, 999)
		close(waited)
	}()
	for waiting := false; !waiting; { // the condition is made by who waits for it, under the lock
		c.out.mu.Lock()
		waiting = c.out.room != nil
		c.out.mu.Unlock()
	}
	select {
	case <-waited:
		t.Error("nothing is waited for")
	default:
	}
	go func() { _, _ = io.Copy(io.Discard, peer) }()
	<-waited
}
