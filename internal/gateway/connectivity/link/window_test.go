package link

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// A window has room for so many messages and so many bytes. Who finds none waits.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWindow(3, 100)
		enter := func(bytes int) chan error {
			done := make(chan error, 1)
			go func() { done <- w.Enter(t.Context(), bytes) }()
			synctest.Wait()
			return done
		}
		waits := func(what string, done chan error) {
			t.Helper()
			select {
			case err := <-done:
				t.Errorf("%s has entered: %v", what, err)
			default:
			}
		}
		enters := func(what string, done chan error) {
			t.Helper()
			synctest.Wait()
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
			default:
				t.Errorf("%s waits", what)
			}
		}
		enters("what is larger than all, alone,", enter(1000))
		second := enter(1)
		waits("the second", second)
		w.Leave(1000)
		enters("the second", second)
		enters("a third", enter(99))
		full := enter(1)
		waits("what is too many bytes", full)
		w.Leave(1)
		enters("what is too many bytes", full)
		enters("nothing", enter(0))
		many := enter(0)
		waits("what is too many", many)
		w.Leave(0)
		enters("what is too many", many)
	})
}

func TestWindowIsShut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWindow(1, 100)
		if err := w.Enter(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		given := make(chan error, 1)
		go func() { given <- w.Enter(ctx, 1) }()
		synctest.Wait()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		waiting := make(chan error, 1)
		go func() { waiting <- w.Enter(t.Context(), 1) }()
		synctest.Wait()
		w.Shut()
		if err := <-waiting; !errors.Is(err, ErrLost) {
			t.Errorf("while it waits: %v", err)
		}
		if n := w.Drain(ctx); n != 1 {
			t.Errorf("%d left", n)
		}
		drained := make(chan int, 1)
		go func() { drained <- w.Drain(t.Context()) }()
		synctest.Wait()
		w.Leave(1)
		if n := <-drained; n != 0 {
			t.Errorf("%d left", n)
		}
	})
}
