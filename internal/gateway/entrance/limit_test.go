package entrance

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

type key struct{}

// A limited context is what context.WithTimeout makes, whoever looks at it and whenever.
func TestLimited(t *testing.T) {
	parent := func(t *testing.T) context.Context { return context.WithValue(t.Context(), key{}, "value") }
	for name, test := range map[string]struct {
		parent func(*testing.T) context.Context
		before func(context.Context)
		want   error
	}{
		"time is over":               {parent: parent, want: context.DeadlineExceeded},
		"time is over, looked first": {parent: parent, before: func(c context.Context) { <-c.Done() }, want: context.DeadlineExceeded},
		"it has been ended":          {parent: parent, before: func(c context.Context) { c.(*limited).end() }, want: context.Canceled},
		"ended while somebody waits": {parent: parent, before: func(c context.Context) { go c.(*limited).end(); <-c.Done() }, want: context.Canceled},
		"the parent has ended":       {parent: func(*testing.T) context.Context { return over }, want: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx := limit(test.parent(t), time.Minute)
				defer ctx.end()
				if test.before != nil {
					test.before(ctx)
				}
				derived, cancel := context.WithCancel(ctx)
				defer cancel()
				<-derived.Done()
				if err := context.Cause(derived); !errors.Is(err, test.want) || !errors.Is(ctx.Err(), test.want) || !errors.Is(context.Cause(ctx), test.want) {
					t.Errorf("ended with %v, %v, of %v, want %v", ctx.Err(), context.Cause(ctx), err, test.want)
				}
				if took := time.Since(began); errors.Is(test.want, context.DeadlineExceeded) && took != time.Minute {
					t.Errorf("ended after %v", took)
				}
			})
		})
	}
}

func TestLimitedKnowsWhatItsParentKnows(t *testing.T) {
	ctx := limit(context.WithValue(t.Context(), key{}, "value"), time.Minute)
	defer ctx.end()
	if until, ok := ctx.Deadline(); !ok || time.Until(until) > time.Minute {
		t.Errorf("deadline %v, %v", until, ok)
	}
	if ctx.Value(key{}) != "value" {
		t.Error("the value of the parent is lost")
	}
}

// Nobody waits: nothing but the context itself is made.
func TestLimitedCostsNothing(t *testing.T) {
	parent := t.Context()
	if n := testing.AllocsPerRun(100, func() { limit(parent, time.Minute).end() }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
