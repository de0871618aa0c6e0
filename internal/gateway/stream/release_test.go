package stream_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// What a subscription holds is released once, as soon as it has ended, whatever it ends with.
func TestReleaseAtTheEnd(t *testing.T) {
	for name, script := range map[string]string{
		"completed":                  "subscribe 1 s, request 0 1 r",
		"empty":                      `subscribe "" s, request 0 1 r`,
		"failed":                     "subscribe ! s, request 0 1 r",
		"a request that is wrong":    "subscribe 12 s, request 0 0 r",
		"cancelled":                  "subscribe 12 s, request 0 1 r, cancel 0 c",
		"cancelled twice":            "subscribe 12 s, request 0 1 r, cancel 0 c, cancel 0 c",
		"cancelled and never asked":  "subscribe 12 s, cancel 0 c",
		"idle":                       "subscribe 12 s, request 0 1 r, pass 60s",
		"idle from the beginning on": "subscribe 12 s, pass 60s",
		"closed":                     "subscribe 12 s, request 0 1 r, close",
		"closed behind the end":      "subscribe 1 s, request 0 1 r, close",
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			c.play(script)
			if c.released != 1 {
				t.Errorf("released %d times", c.released)
			}
		})
	}
}

// Nothing is released before.
func TestNoReleaseBeforeTheEnd(t *testing.T) {
	c := connect(t)
	c.play("subscribe 123 s, pass 30s, request 0 1 r, pass 59s, request 0 1 q")
	if c.released != 0 {
		t.Errorf("released %d times", c.released)
	}
}

// play does what a script says.
func (c *client) play(script string) {
	for step := range strings.SplitSeq(script, ", ") {
		if step == "close" {
			c.set.Close()
			continue
		}
		c.do(step)
	}
}

// Nothing is released while a client takes its time, unless it cancels.
func TestReleaseWhileAnElementWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, room := slowly(t)
		defer c.set.Close()
		c.do("subscribe 123 a")
		c.do("subscribe 123 b")
		c.do("request 0 2 r")
		synctest.Wait()
		if c.released != 0 {
			t.Error("what is needed was released")
		}
		c.do("cancel 1 c")
		if c.released != 1 {
			t.Error("what nobody has asked for yet was not released")
		}
		c.do("cancel 0 c")
		synctest.Wait()
		if c.released != 2 {
			t.Error("what was waiting to be sent was not released")
		}
		quiet(t, room)
	})
}

// When the connection breaks everything is released.
func TestReleaseWithTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, room := slowly(t)
		c.do("subscribe 123 a")
		c.do("subscribe 123 b")
		c.do("request 0 2 r")
		synctest.Wait()
		room <- errors.New("gone")
		synctest.Wait()
		if c.released != 2 {
			t.Errorf("%d of 2 were released", c.released)
		}
	})
}
