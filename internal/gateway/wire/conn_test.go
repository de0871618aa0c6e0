package wire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// pair returns both ends of a connection: ours, and a client of the library.
func pair(t *testing.T, o Options) (*Conn, *websocket.Conn) {
	t.Helper()
	ours := make(chan *Conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Accept(w, r, o)
		if err != nil {
			t.Error(err)
			return
		}
		ours <- c
	}))
	t.Cleanup(server.Close)
	client, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	client.SetReadLimit(-1)
	t.Cleanup(func() { _ = client.CloseNow() })
	c := <-ours
	t.Cleanup(c.Abort)
	return c, client
}

func roomy() Options {
	return Options{MaxMessage: 1 << 20, MaxFrames: 1000, MaxBytes: 1 << 20, Replied: func(int) {}}
}

func text(s string) func([]byte) []byte {
	return func(dst []byte) []byte { return append(dst, s...) }
}

func burst(texts ...string) Burst {
	var b Burst
	for _, s := range texts {
		b.Add(func(dst []byte) ([]byte, bool) { return append(dst, s...), true })
	}
	return b
}

func expect(t *testing.T, client *websocket.Conn, want string) {
	t.Helper()
	kind, got, err := client.Read(t.Context())
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if kind != websocket.MessageText || string(got) != want {
		t.Fatalf("got %v %.80q (%d bytes), want %.80q (%d bytes)", kind, got, len(got), want, len(want))
	}
}

func TestFramesOfEveryHeaderLength(t *testing.T) {
	c, client := pair(t, Options{MaxMessage: 1 << 20, MaxFrames: 100, MaxBytes: 10 << 20, Replied: func(int) {}})
	for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536, 1 << 20} {
		body := strings.Repeat("x", n)
		c.Reply(AppendText(nil, text(body)))
		expect(t, client, body)
		c.Deliver(burst(body, "tail"))
		expect(t, client, body)
		expect(t, client, "tail")
	}
}

func TestWhatWaitsArrivesInOrder(t *testing.T) {
	c, client := pair(t, roomy())
	const n = 900
	for i := range n {
		if i%3 == 0 {
			c.Reply(AppendText(nil, text(fmt.Sprint(i))))
		} else if c.Deliver(burst(fmt.Sprint(i))) != 1 {
			t.Fatalf("signal %d found no room", i)
		}
	}
	for i := range n {
		expect(t, client, fmt.Sprint(i))
	}
}

func TestReadsTextAndIgnoresBinary(t *testing.T) {
	c, client := pair(t, roomy())
	ctx := t.Context()
	go func() {
		_ = client.Write(ctx, websocket.MessageText, []byte("one"))
		_ = client.Write(ctx, websocket.MessageBinary, []byte{1, 2, 3})
		w, err := client.Writer(ctx, websocket.MessageText) // fragmented
		if err == nil {
			_, _ = w.Write([]byte("t"))
			_, _ = w.Write([]byte("wo"))
			_ = w.Close()
		}
		_ = client.Write(ctx, websocket.MessageText, bytes.Repeat([]byte("3"), 300<<10))
	}()
	for _, want := range []string{"one", "two", strings.Repeat("3", 300<<10)} {
		got, err := c.ReadText()
		if err != nil || string(got) != want {
			t.Fatalf("got %.20q (%d bytes), %v; want %.20q", got, len(got), err, want)
		}
	}
}

func TestMessageOverTheLimitClosesWith1009(t *testing.T) {
	o := roomy()
	o.MaxMessage = 1000
	c, client := pair(t, o)
	go func() { _ = client.Write(t.Context(), websocket.MessageText, make([]byte, 1001)) }()
	if text, err := c.ReadText(); err == nil {
		t.Fatalf("read %d bytes", len(text))
	}
	if _, _, err := client.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Fatalf("client saw %v", err)
	}
}

func TestMessageOfTheLimitIsRead(t *testing.T) {
	o := roomy()
	o.MaxMessage = 1000
	c, client := pair(t, o)
	go func() { _ = client.Write(t.Context(), websocket.MessageText, make([]byte, 1000)) }()
	if text, err := c.ReadText(); err != nil || len(text) != 1000 {
		t.Fatalf("read %d bytes, %v", len(text), err)
	}
}

func TestCloseFollowsWhatWaits(t *testing.T) {
	c, client := pair(t, roomy())
	c.Deliver(burst("a", "b"))
	c.Close(1012, "restarting")
	c.Reply(AppendText(nil, text("too late")))
	ended := make(chan error, 1)
	go func() { _, err := c.ReadText(); ended <- err }()
	expect(t, client, "a")
	expect(t, client, "b")
	_, _, err := client.Read(t.Context())
	if websocket.CloseStatus(err) != websocket.StatusServiceRestart || !strings.Contains(err.Error(), "restarting") {
		t.Fatalf("client saw %v", err)
	}
	if err := <-ended; CloseCode(err) != 1012 {
		t.Fatalf("the peer's answer to the close frame was not seen: %v", err)
	}
}

func TestPeersCloseIsAnswered(t *testing.T) {
	c, client := pair(t, roomy())
	ended := make(chan error, 1)
	go func() { _, err := c.ReadText(); ended <- err }()
	if err := client.Close(websocket.StatusNormalClosure, "bye"); err != nil {
		t.Fatalf("close handshake: %v", err)
	}
	if err := <-ended; CloseCode(err) != 1000 {
		t.Fatal(err)
	}
}

// Who comes back after its close frame was answered finds what it had given up.
func TestPeersCloseIsKnownWhenItIsAnswered(t *testing.T) {
	for range 100 {
		c, client := pair(t, roomy())
		go func() { _, _ = c.ReadText() }()
		if c.Closing() {
			t.Fatal("the connection is closing from the start")
		}
		if err := client.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Fatal(err)
		}
		if !c.Closing() {
			t.Fatal("the answer has come, and the connection is not closing")
		}
	}
}

// silent connects a client that sends a handshake and never reads.
func silent(t *testing.T, o Options) (*Conn, net.Conn) {
	t.Helper()
	ours := make(chan *Conn, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := Accept(w, r, o); err == nil {
			ours <- c
		}
	}))
	t.Cleanup(server.Close)
	peer, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	// The first message comes in the same packet as the handshake.
	fmt.Fprintf(peer, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x81\x85\x00\x00\x00\x00early")
	c := <-ours
	t.Cleanup(c.Abort)
	return c, peer
}

func TestMessageBehindTheHandshakeIsRead(t *testing.T) {
	c, _ := silent(t, roomy())
	if got, err := c.ReadText(); err != nil || string(got) != "early" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestSignalsAreBoundedAndRepliesAreNot(t *testing.T) {
	var replied atomic.Int64
	o := Options{MaxMessage: 1 << 20, MaxFrames: 10, MaxBytes: 64 << 20, Replied: func(n int) { replied.Add(int64(n)) }}
	c, peer := silent(t, o)
	big := strings.Repeat("x", 1<<20)
	// The system's own buffers take some of it, and then no more.
	taken := 0
	for range 200 {
		taken += c.Deliver(burst(big))
	}
	if taken < 10 || taken > 60 || c.Waiting() > 10 {
		t.Errorf("%d of 200 signals found room, %d wait, want 10", taken, c.Waiting())
	}
	for range 5 {
		c.Reply(AppendText(nil, text("reply")))
	}
	if c.Closing() {
		t.Error("closing")
	}
	// The peer goes away: what waits is given up, and told.
	_ = peer.Close()
	for replied.Load() != 5 {
		runtime.Gosched()
	}
}

func TestBytesBoundSignals(t *testing.T) {
	o := Options{MaxMessage: 1 << 20, MaxFrames: 1 << 20, MaxBytes: 16 << 20, Replied: func(int) {}}
	c, _ := silent(t, o)
	big := strings.Repeat("x", 1<<20)
	taken := 0
	for range 200 {
		taken += c.Deliver(burst(big))
	}
	if taken < 15 || taken > 66 || c.Waiting() > 16 {
		t.Errorf("%d of 200 MiB found room, %d wait, in a queue of 16", taken, c.Waiting())
	}
}

func TestShedGivesUpSignalsAndKeepsReplies(t *testing.T) {
	o := roomy()
	o.MaxBytes = 64 << 20
	c, peer := silent(t, o)
	big := strings.Repeat("x", 1<<20)
	c.Deliver(burst(strings.Repeat("x", 16<<20)))
	for c.WritingSince().IsZero() {
		runtime.Gosched()
	}
	for range 30 {
		c.Deliver(burst(big))
	}
	c.Reply(AppendText(nil, text("reply")))
	c.Shed(1013, "too slow")
	if c.Waiting() > 1 {
		t.Errorf("%d signals still wait, not only the one that is being written", c.Waiting())
	}
	all := make([]byte, 0, 32<<20)
	buf := make([]byte, 64<<10)
	for {
		n, err := peer.Read(buf)
		all = append(all, buf[:n]...)
		if err != nil || bytes.HasSuffix(all, []byte("too slow")) {
			break
		}
	}
	if !bytes.HasSuffix(all, []byte("\x81\x05reply\x88\x0a\x03\xf5too slow")) {
		t.Errorf("the stream ends with %q", all[max(0, len(all)-40):])
	}
	if len(all) > 17<<20 {
		t.Errorf("%d MiB were written, not only the 16 that were under way", len(all)>>20)
	}
}

func TestIdleConnectionHasOneGoroutine(t *testing.T) {
	const n = 50
	before := runtime.NumGoroutine()
	for range n {
		c, client := silent(t, roomy())
		_, _ = c.ReadText()
		go func() { _, _ = c.ReadText() }()
		c.Deliver(burst("hello"))
		b := make([]byte, 1024)
		_, _ = client.Read(b)
	}
	for i := 0; ; i++ {
		// Each silent connection has a server of its own, with one goroutine
		// that accepts; the HTTP server's for the connection has ended.
		extra := runtime.NumGoroutine() - before - n
		if extra <= n {
			return
		}
		if i == 2000 {
			t.Fatalf("%d goroutines for %d idle connections", extra, n)
		}
		time.Sleep(time.Millisecond)
	}
}

// A ping is answered when the write under way is done, and what follows the
// ping is read before that.
func TestPeersPingDoesNotWaitForAWrite(t *testing.T) {
	o := roomy()
	o.MaxBytes = 64 << 20
	c, peer := silent(t, o)
	if _, err := c.ReadText(); err != nil { // what came with the handshake
		t.Fatal(err)
	}
	big := burst(strings.Repeat("x", 32<<20))
	c.Deliver(big)
	for c.WritingSince().IsZero() {
		runtime.Gosched()
	}
	if _, err := peer.Write([]byte("\x89\x83\x00\x00\x00\x00abc\x81\x85\x00\x00\x00\x00hello")); err != nil {
		t.Fatal(err)
	}
	if got, err := c.ReadText(); err != nil || string(got) != "hello" {
		t.Fatalf("read %q behind a ping, %v", got, err)
	}
	in := bufio.NewReader(peer)
	if _, err := http.ReadResponse(in, nil); err != nil { //nolint:bodyclose // a response with status 101 has no body
		t.Fatal(err)
	}
	all := make([]byte, len(big.Bytes())+len("\x8a\x03abc"))
	if _, err := io.ReadFull(in, all); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(all, []byte("\x8a\x03abc")) {
		t.Errorf("the stream ends with %q", all[len(all)-10:])
	}
}

func TestRepliesThatWaitHoldUpTheirSession(t *testing.T) {
	c, peer := silent(t, roomy())
	for range 40 {
		c.Reply(AppendText(nil, text(strings.Repeat("x", 1<<20))))
	}
	waited := make(chan struct{})
	go func() {
		c.AwaitReplies(1<<20, 0)
		close(waited)
	}()
	buf, total := make([]byte, 1<<20), 0
	for total < 40<<20 {
		select {
		case <-waited:
			if total < 20<<20 {
				t.Fatalf("the wait was over when %d MiB were read", total>>20)
			}
		default:
		}
		n, err := peer.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	<-waited
}

func TestAwaitRepliesEndsWithTheConnection(t *testing.T) {
	c, _ := silent(t, roomy())
	for range 40 {
		c.Reply(AppendText(nil, text(strings.Repeat("x", 1<<20))))
	}
	waited := make(chan struct{})
	go func() {
		c.AwaitReplies(1<<20, 0)
		close(waited)
	}()
	for waiting := false; !waiting; { // the condition is made by who waits for it, under the lock
		c.out.mu.Lock()
		waiting = c.out.room != nil
		c.out.mu.Unlock()
	}
	c.Abort()
	<-waited
}

func TestPingIsAnswered(t *testing.T) {
	c, client := pair(t, roomy())
	go func() { _, _, _ = client.Read(context.Background()) }()
	go func() { _, _ = c.ReadText() }()
	before := c.LastRead()
	c.Ping()
	for !c.LastRead().After(before) {
		runtime.Gosched()
	}
}
