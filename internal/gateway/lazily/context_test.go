package lazily

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

type key struct{}

// What is done to a context and its parent, and how it has ended then.
var ends = map[string]struct {
	do   func(c *Context, endParent context.CancelFunc)
	want error
}{
	"nothing":                          {func(*Context, context.CancelFunc) {}, nil},
	"time goes by":                     {func(*Context, context.CancelFunc) { time.Sleep(time.Minute - 1) }, nil},
	"time is over":                     {func(*Context, context.CancelFunc) { time.Sleep(time.Minute) }, context.DeadlineExceeded},
	"it is ended":                      {func(c *Context, _ context.CancelFunc) { c.End() }, context.Canceled},
	"the parent ends":                  {func(_ *Context, end context.CancelFunc) { end() }, context.Canceled},
	"it is ended, then time is over":   {func(c *Context, _ context.CancelFunc) { c.End(); time.Sleep(time.Hour) }, context.Canceled},
	"time is over, then it is ended":   {func(c *Context, _ context.CancelFunc) { time.Sleep(time.Hour); c.End() }, context.DeadlineExceeded},
	"time is over, then parent ends":   {func(c *Context, end context.CancelFunc) { time.Sleep(time.Hour); _ = c.Err(); end() }, context.DeadlineExceeded},
	"somebody waits, time is over":     {func(c *Context, _ context.CancelFunc) { <-c.Done() }, context.DeadlineExceeded},
	"somebody waits, it is ended":      {func(c *Context, _ context.CancelFunc) { go c.End(); <-c.Done() }, context.Canceled},
	"somebody waits, the parent ends":  {func(c *Context, end context.CancelFunc) { go end(); <-c.Done() }, context.Canceled},
	"somebody has looked, it is ended": {func(c *Context, _ context.CancelFunc) { _ = c.Err(); c.End(); c.End() }, context.Canceled},
}

// A context is what context.WithTimeout makes, whoever looks at it and whenever.
func TestWithTimeout(t *testing.T) {
	for name, test := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, end := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
				defer end()
				c := WithTimeout(parent, time.Minute)
				defer c.End()
				test.do(c, end)
				check(t, c, test.want)
			})
		})
	}
}

// Without a time it ends like one that context.WithCancel makes.
func TestWithCancel(t *testing.T) {
	for name, test := range ends {
		if errors.Is(test.want, context.DeadlineExceeded) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, end := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
				defer end()
				c := WithCancel(parent)
				defer c.End()
				test.do(c, end)
				check(t, c, test.want)
			})
		})
	}
}

// check checks that everything says that a context has ended with an error, or has not if that is nil.
func check(t *testing.T, c *Context, want error) {
	t.Helper()
	if err := c.Err(); !errors.Is(err, want) {
		t.Errorf("the error is %v, want %v", err, want)
	}
	if c.Value(key{}) != "value" {
		t.Error("the value of the parent is lost")
	}
	ended := false
	select {
	case <-c.Done():
		ended = true
	default:
	}
	if ended != (want != nil) {
		t.Errorf("is done: %v, want %v", ended, want != nil)
	}
	derived, cancel := context.WithCancel(c)
	defer cancel()
	for of, err := range map[string]error{
		"it": c.Err(), "its cause": context.Cause(c), "what is derived": derived.Err(), "the cause of that": context.Cause(derived),
	} {
		if !errors.Is(err, want) {
			t.Errorf("the error of %s is %v, want %v", of, err, want)
		}
	}
}

// Who waits already is told.
func TestWhoWaitsIsTold(t *testing.T) {
	for name, end := range map[string]func(c *Context, endParent context.CancelFunc){
		"it is ended":     func(c *Context, _ context.CancelFunc) { c.End() },
		"the parent ends": func(_ *Context, end context.CancelFunc) { end() },
		"time is over":    func(*Context, context.CancelFunc) { time.Sleep(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, endParent := context.WithCancel(t.Context())
				defer endParent()
				c := WithTimeout(parent, time.Minute)
				defer c.End()
				told := make(chan struct{})
				context.AfterFunc(c, func() { close(told) })
				end(c, endParent)
				<-told // synctest fails the test if nobody ever comes
			})
		})
	}
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for timeout, want := range map[time.Duration]time.Duration{time.Second: time.Second, time.Hour: time.Minute} {
			if until, limited := WithTimeout(parent, timeout).Deadline(); !limited || time.Until(until) != want {
				t.Errorf("%v: in %v, %v, want in %v", timeout, time.Until(until), limited, want)
			}
		}
		if until, limited := WithCancel(parent).Deadline(); !limited || time.Until(until) != time.Minute {
			t.Errorf("in %v, %v, want that of the parent", time.Until(until), limited)
		}
		if _, limited := WithCancel(t.Context()).Deadline(); limited {
			t.Error("there is a deadline that nobody has set")
		}
	})
}

// Nobody waits: nothing but the context itself is made.
func TestItCostsNothing(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, make := range map[string]func() *Context{
		"with a time": func() *Context { return WithTimeout(parent, time.Minute) },
		"without":     func() *Context { return WithCancel(parent) },
	} {
		if n := testing.AllocsPerRun(100, func() {
			c := make()
			_ = c.Err()
			c.End()
			_ = c.Err()
		}); n > 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
