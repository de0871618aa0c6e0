package link

import (
	"errors"
	"sync"
	"testing"
)

func TestEnding(t *testing.T) {
	e := NewEnding()
	select {
	case <-e.Lost():
		t.Fatal("lost from the beginning")
	default:
	}
	if err := e.Err(); err != nil {
		t.Errorf("of use: %v", err)
	}
	cut := errors.New("cut")
	called := 0
	e.Lose(cut, func() {
		called++
		if err := e.Err(); err != nil {
			t.Errorf("seen before it is told: %v", err)
		}
	})
	e.Lose(errors.New("later"), func() { called++ })
	<-e.Lost()
	if err := e.Err(); !errors.Is(err, cut) || called != 1 {
		t.Errorf("%v, called %d times", err, called)
	}
}

// TestEndingByAll has everybody who ends a client see it ended, for one reason.
func TestEndingByAll(t *testing.T) {
	e := NewEnding()
	var all sync.WaitGroup
	called := 0
	for range 8 {
		all.Go(func() {
			e.Lose(nil, func() { called++ })
			<-e.Lost()
		})
	}
	all.Wait()
	if e.Err() != nil || called != 1 {
		t.Errorf("%v, called %d times", e.Err(), called)
	}
}
