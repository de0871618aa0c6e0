package stream_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// slowly returns a client whose set works in the background, and whose frames arrive one by one, each when room is given.
func slowly(t *testing.T) (c *client, room chan error) {
	c = &client{t: t, now: time.Now()}
	room = make(chan error)
	c.set = stream.NewSet(kind, stream.Options{
		Send: func(ctx context.Context, frame []byte) error {
			select {
			case err := <-room:
				if err == nil {
					c.take(frame)
				}
				return err
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		},
		Go:    func(work func()) bool { go work(); return true },
		Clock: c.clock,
	})
	return c, room
}

// give makes room for some frames and returns what came.
func (c *client) give(room chan error, frames int) string {
	for range frames {
		synctest.Wait()
		select {
		case room <- nil:
		default:
			c.t.Error("there is nothing to be sent")
		}
	}
	synctest.Wait()
	return c.told()
}

// quiet checks that nothing waits to be sent.
func quiet(t *testing.T, room chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case room <- nil:
		t.Error("there is something more to be sent")
	default:
	}
}

// Those of a session that have something to send take turns.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, room := slowly(t)
		defer c.set.Close()
		c.do("subscribe 123 a")
		c.do("subscribe 45-6 b")
		c.told()
		c.do("request 0 9 r")
		synctest.Wait()
		c.do("request 1 9 q")
		want := "next 0 1 r, next 1 4 q, next 0 2 r, next 1 5 q, next 0 3 r, complete 0 r, next 1 6 q, complete 1 q"
		if got := c.give(room, 8); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

// What happens while a source is working counts before what comes of it.
func TestWordsWhileASourceWorks(t *testing.T) {
	for name, tc := range map[string]struct {
		text, do, want string
	}{
		"an element of what was cancelled":   {"12", "cancel 0 c", ""},
		"an element of what has failed":      {"12", "request 0 0 q", "failed 0 400 protocol.error q"},
		"the end of what has failed":         {"", "request 0 0 q", "failed 0 400 protocol.error q"},
		"a second failure":                   {"!", "request 0 0 q", "failed 0 400 protocol.error q"},
		"an element of what is wanted again": {"12", "request 0 1 q", "next 0 1 q, next 0 2 q, complete 0 q"},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			source, said := c.source(tc.text), false
			if _, err := c.set.Subscribe(message("s"), func(ctx context.Context, dst []byte, demand int64) ([]byte, stream.Step, *protocol.Error) {
				if !said {
					said = true
					c.do(tc.do)
				}
				return source(ctx, dst, demand)
			}, nil); err != nil {
				t.Fatal(err)
			}
			c.do("request 0 1 r")
			if got := c.told(); got != tc.want {
				t.Errorf("told %q, want %q", got, tc.want)
			}
		})
	}
}

// A request that comes while it is looked whether there is more is served.
func TestRequestWhileLookingAhead(t *testing.T) {
	c := connect(t)
	source := c.source("123")
	if _, err := c.set.Subscribe(message("s"), func(ctx context.Context, dst []byte, demand int64) ([]byte, stream.Step, *protocol.Error) {
		if demand == 0 && c.served == 1 {
			c.do("request 0 1 q")
		}
		return source(ctx, dst, demand)
	}, nil); err != nil {
		t.Fatal(err)
	}
	c.do("request 0 1 r")
	if got := c.told(); got != "next 0 1 r, next 0 2 q" {
		t.Errorf("told %q", got)
	}
}

// However much is demanded, it does not become less than nothing.
func TestEndlessDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, room := slowly(t)
		defer c.set.Close()
		c.do("subscribe 12 s")
		c.told()
		c.do("request 0 9223372036854775807 r")
		c.do("request 0 9223372036854775807 q")
		c.do("request 0 1 q")
		synctest.Wait()
		if got := c.give(room, 3); !strings.HasSuffix(got, "next 0 2 q, complete 0 q") {
			t.Errorf("told %q", got)
		}
	})
}

// One that is cancelled while its element waits leaves the others alone.
func TestOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, room := slowly(t)
		defer c.set.Close()
		c.do("subscribe 123 a")
		c.do("subscribe 456 b")
		c.told()
		c.do("request 0 1 r")
		synctest.Wait()
		c.do("request 1 2 q")
		c.do("cancel 0 c")
		if got := c.give(room, 2); got != "next 1 4 q, next 1 5 q" {
			t.Errorf("told %q", got)
		}
		quiet(t, room)
	})
}

// While the client takes nothing, nothing is fetched for it.
func TestNothingIsFetchedWithoutRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, room := slowly(t)
		defer c.set.Close()
		c.do("subscribe 12345 s")
		c.do("request 0 5 r")
		synctest.Wait()
		if c.served != 1 {
			t.Errorf("%d elements were fetched, none was taken", c.served)
		}
		c.told()
		if got := c.give(room, 2); got != "next 0 1 r, next 0 2 r" || c.served != 3 {
			t.Errorf("told %q, %d elements were fetched", got, c.served)
		}
	})
}

// What waits for room when a subscription ends is told or not, but nothing behind the end is.
func TestEndsWhileAnElementWaits(t *testing.T) {
	for name, tc := range map[string]struct {
		do     string
		frames int
		want   string
	}{
		"cancelled": {"cancel 0 c", 0, ""},
		"failed":    {"request 0 0 q", 2, "next 0 1 r, failed 0 400 protocol.error q"},
		"requested": {"request 0 1 q", 4, "next 0 1 r, next 0 2 q, next 0 3 q, complete 0 q"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, room := slowly(t)
				defer c.set.Close()
				c.do("subscribe 123 s")
				c.do("request 0 2 r")
				c.told()
				synctest.Wait()
				c.do(tc.do)
				if got := c.give(room, tc.frames); got != tc.want {
					t.Errorf("told %q, want %q", got, tc.want)
				}
				quiet(t, room)
			})
		})
	}
}

// A subscription that is served is not idle, however long that takes, and one whose last element has just gone is not yet.
func TestServingIsNotIdling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, room := slowly(t)
		defer c.set.Close()
		c.do("subscribe 123 s")
		c.do("request 0 2 r")
		c.told()
		c.do("pass 1h")
		if got := c.give(room, 2); got != "next 0 1 r, next 0 2 r" {
			t.Errorf("told %q", got)
		}
		c.do("pass 59s")
		quiet(t, room)
		c.do("pass 1s")
		if got := c.give(room, 1); got != "failed 0 408 timeout r" {
			t.Errorf("told %q", got)
		}
	})
}

// Everything ends with the connection, and when the set is closed; so do the goroutines, or the test would not.
func TestEndOfTheSession(t *testing.T) {
	for name, end := range map[string]func(*client, chan error){
		"broken": func(_ *client, room chan error) { room <- errors.New("gone") },
		"closed": func(c *client, _ chan error) { c.set.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, room := slowly(t)
				c.do("subscribe 123 a")
				c.do("subscribe 123 b")
				c.do("request 0 2 r")
				c.do("request 1 2 r")
				c.told()
				synctest.Wait()
				end(c, room)
				synctest.Wait()
				c.do("request 0 1 q")
				if got := c.told(); got != "failed 0 404 not.found q" {
					t.Errorf("told %q", got)
				}
			})
		})
	}
}

// A set that may not work any more gives up.
func TestNoMoreWork(t *testing.T) {
	c := &client{t: t}
	c.set = stream.NewSet(kind, stream.Options{
		Send:  func(context.Context, []byte) error { t.Error("sent"); return nil },
		Go:    func(func()) bool { return false },
		Clock: c.clock,
	})
	c.do("subscribe 1 s")
	c.do("request 0 1 r")
	c.told()
	c.do("request 0 1 q")
	if got := c.told(); got != "failed 0 404 not.found q" {
		t.Errorf("told %q", got)
	}
}

// A source learns that nobody wants what it is looking for any more.
func TestSourcesAreInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := slowly(t)
		defer c.set.Close()
		interrupted, released := false, false
		_, err := c.set.Subscribe(message("s"), func(ctx context.Context, dst []byte, _ int64) ([]byte, stream.Step, *protocol.Error) {
			<-ctx.Done()
			interrupted = true
			return dst, stream.End, nil
		}, func() {
			if released = true; !interrupted {
				t.Error("what a source holds was released while it was asked")
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		c.do("request 0 1 r")
		synctest.Wait()
		c.do("cancel 0 c")
		synctest.Wait()
		if !interrupted || !released || c.told() != "" {
			t.Error("the source was not interrupted, or not released, or something was told")
		}
	})
}

// Requests that arrive while elements are fetched and sent are all served, and no element more.
func TestDemandFromManySides(t *testing.T) {
	const requests, each = 200, 7
	text := strings.Repeat("x", requests*each+1)
	c := &client{t: t}
	sent, last := 0, make(chan struct{})
	c.set = stream.NewSet(kind, stream.Options{
		Send: func(context.Context, []byte) error {
			if sent++; sent == requests*each {
				close(last)
			}
			return nil
		},
		Go:    func(work func()) bool { go work(); return true },
		Clock: c.clock,
	})
	if _, err := c.set.Subscribe(message("s"), c.source(text), nil); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range requests / 4 {
				if err := c.set.Request(message("r"), "0", each); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	<-last
	c.set.Close()
}
