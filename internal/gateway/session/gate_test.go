package session

import (
	"testing"
	"testing/synctest"
)

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2)
		for range 2 {
			if !g.enter() {
				t.Fatal("an open gate lets nobody in")
			}
		}
		entered := make(chan bool, 1)
		go func() { entered <- g.enter() }()
		synctest.Wait()
		if len(entered) != 0 {
			t.Fatal("the limit does not hold")
		}
		g.leave(1)
		if !<-entered {
			t.Error("a place that was given back is refused")
		}
	})
}

func TestGateCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2)
		g.enter()
		g.enter()
		entered, down := make(chan bool, 1), make(chan struct{})
		go func() { entered <- g.enter() }()
		synctest.Wait()
		go func() {
			g.close()
			g.wait()
			close(down)
		}()
		if <-entered {
			t.Error("who waited got in")
		}
		g.leave(1)
		synctest.Wait()
		select {
		case <-down:
			t.Error("it did not wait for the last")
		default:
		}
		g.leave(1)
		<-down
		if g.enter() {
			t.Error("somebody got in later")
		}
	})
}
