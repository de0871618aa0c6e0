package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

// full sends until there is no room any more, and goes on when there is. It returns why that ended, when it has.
func full(ctx context.Context, t *testing.T, c *Conn) <-chan error {
	t.Helper()
	frame := AppendText(nil, text(strings.Repeat("x", 64<<10)))
	ended := make(chan error, 1)
	go func() {
		for {
			if err := c.Send(ctx, frame); err != nil {
				ended <- err
				return
			}
		}
	}()
	for waiting := false; !waiting; { // the condition is made by who waits for it, under the lock
		c.out.mu.Lock()
		waiting = c.out.room != nil
		c.out.mu.Unlock()
	}
	return ended
}

// Frames of Send keep their order among all others.
func TestSendKeepsItsPlace(t *testing.T) {
	c, client := pair(t, roomy())
	for i := range 300 {
		frame := AppendText(nil, text(fmt.Sprint(i)))
		if i%2 == 0 {
			c.Reply(frame)
		} else if err := c.Send(t.Context(), frame); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 300 {
		expect(t, client, fmt.Sprint(i))
	}
}

// A peer that takes nothing holds up who sends, with no more than a few frames in memory, until that gives up.
func TestSendWaitsForRoom(t *testing.T) {
	c, _ := silent(t, roomy())
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := full(ctx, t, c)
	c.out.mu.Lock()
	if c.out.sent > 3*64<<10 {
		t.Errorf("%d KiB wait", c.out.sent>>10)
	}
	c.out.mu.Unlock()
	enough := errors.New("enough")
	cancel(enough)
	if err := <-ended; !errors.Is(err, enough) {
		t.Errorf("the wait ended with %v", err)
	}
	c.Reply(AppendText(nil, text("replies need no room")))
}

// Who waits for room learns that the connection has ended, or is about to.
func TestSendEndsWithTheConnection(t *testing.T) {
	for name, end := range map[string]func(*Conn){
		"aborted": (*Conn).Abort,
		"closing": func(c *Conn) { c.Close(1012, "bye") },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := silent(t, roomy())
			ended := full(t.Context(), t, c)
			end(c)
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("the wait ended with %v", err)
			}
			if err := c.Send(t.Context(), AppendText(nil, text("x"))); !errors.Is(err, net.ErrClosed) {
				t.Errorf("later it fails with %v", err)
			}
		})
	}
}

// When the peer takes something again, sending goes on.
func TestSendGoesOn(t *testing.T) {
	c, peer := silent(t, roomy())
	ctx, cancel := context.WithCancel(t.Context())
	ended := full(ctx, t, c)
	buf, total := make([]byte, 1<<20), 0
	for total < 80<<20 { // more than what system and queue held when it was full
		n, err := peer.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("sending ended with %v", err)
	}
}
