package nats

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// However large messages are, no more of them are fetched ahead than there is room for.
func TestPullLargeMessages(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	var client link.Client
	var most atomic.Int64
	ready, enoughSeen := make(chan struct{}), make(chan struct{})
	const messages, size = 64, 512 << 10
	in := &linktest.Inbox{}
	in.Use(func(_ context.Context, c link.Consumed) {
		<-ready
		time.Sleep(2 * time.Millisecond) // slower than what is fetched, if it is fetched
		most.Store(max(most.Load(), client.(interface{ ahead() int64 }).ahead()))
		c.Settle(link.Accept)
		if len(in.All()) == messages {
			close(enoughSeen)
		}
	})
	client = linktest.Dial(t, patient(), linktest.Config(to(s, source("s", snapshot.AtLeastOnce, "s.>")), in))
	for range messages {
		store(t, js, "s.a", strings.Repeat("x", size))
	}
	close(ready)
	select {
	case <-enoughSeen:
	case <-time.After(linktest.Enough):
		t.Fatalf("%d messages", len(in.All()))
	}
	// One request is made when there is a little less than that, and brings as much.
	if got := most.Load(); got > 2*maxFetchedBytes {
		t.Errorf("%d bytes were fetched ahead", got)
	}
}

// ahead returns how much is fetched and not handed over.
func (c *client) ahead() int64 { return c.pulls[0].bytes.Load() }

// What servers do say is let through as it is, however it is cut into pieces.
func TestGuardLetsThrough(t *testing.T) {
	text := "INFO {}\r\nPING\r\nMSG a 1 3\r\na\nb\r\nMSG a 1 r 0\r\n\r\n+OK\r\nHMSG a 1 12 14\r\nNATS/1.0\r\n\r\n\r\n\r\n-ERR 'x'\r\nPONG\r\n"
	for name, read := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "half": iotest.HalfReader,
	} {
		g := &guard{ahead: []byte(text)}
		var all strings.Builder
		from := read(reading(func(b []byte) (int, error) {
			if len(g.ahead) == 0 {
				return 0, io.EOF
			}
			return g.Read(b)
		}))
		if _, err := io.Copy(&all, from); err != nil || all.String() != text {
			t.Errorf("%s: %v %q", name, err, all.String())
		}
	}
}

type reading func([]byte) (int, error)

func (r reading) Read(b []byte) (int, error) { return r(b) }
