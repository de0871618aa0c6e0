package finder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// Users take turns, and those of one user come in the order in which they have joined.
func TestTurnsAreFair(t *testing.T) {
	for waiting, want := range map[string]string{
		"a1 a2 a3":          "a1 a2 a3",
		"a1 a2 a3 b1":       "a1 b1 a2 a3",
		"a1 a2 b1 c1 a3 b2": "a1 b1 c1 a2 b2 a3",
		"a1 b1 b2 b3 a2 a3": "a1 b1 a2 b2 a3 b3",
	} {
		synctest.Test(t, func(t *testing.T) {
			turns := newTurns(1)
			if !turns.tryTake(&place{}) || turns.tryTake(&place{}) {
				t.Fatal("there is not one turn")
			}
			var got []string
			for who := range strings.FieldsSeq(waiting) {
				go func() {
					if err := turns.take(t.Context(), who[:1], &place{}); err != nil {
						t.Error(err)
					}
					got = append(got, who)
					turns.give()
				}()
				synctest.Wait()
			}
			turns.give()
			synctest.Wait()
			if got := strings.Join(got, " "); got != want {
				t.Errorf("%s wait and come as %s, want %s", waiting, got, want)
			}
			if turns.free != 1 || turns.users.Len() != 0 || len(turns.waiting) != 0 {
				t.Errorf("left are %+v", turns)
			}
		})
	}
}

// Who gives up loses their place, and nobody else theirs.
func TestTurnsAreGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		turns.tryTake(&place{})
		var got []string
		var leave []context.CancelFunc
		for _, who := range []string{"a1", "a2", "b1", "c1"} {
			ctx, cancel := context.WithCancel(t.Context())
			leave = append(leave, cancel)
			go func() {
				err := turns.take(ctx, who[:1], &place{})
				if got = append(got, fmt.Sprint(who, " ", err)); err == nil {
					turns.give()
				}
			}()
			synctest.Wait()
		}
		leave[0]()
		synctest.Wait()
		leave[2]()
		synctest.Wait()
		turns.give()
		synctest.Wait()
		for _, cancel := range leave {
			cancel()
		}
		if want := []string{"a1 context canceled", "b1 context canceled", "a2 <nil>", "c1 <nil>"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if turns.free != 1 || turns.users.Len() != 0 || len(turns.waiting) != 0 {
			t.Errorf("left are %+v", turns)
		}
	})
}

// A turn that comes just as somebody gives up goes to whom it belongs.
func TestTurnsThatComeLateAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		for i := range 8 {
			turns.tryTake(&place{})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				if turns.take(ctx, "a", &place{}) == nil {
					turns.give()
				}
			}()
			synctest.Wait()
			if i%2 == 0 {
				turns.give()
			}
			cancel() // which is noticed when the turn has come
			if i%2 == 1 {
				turns.give()
			}
			synctest.Wait()
			if turns.free != 1 {
				t.Fatal("the turn is lost")
			}
		}
	})
}

// Turns are neither lost nor made when they come just as somebody gives up.
func TestTurnsAreKept(t *testing.T) {
	turns := newTurns(2)
	var all sync.WaitGroup
	var at, most atomic.Int32
	for i := range 8 {
		all.Go(func() {
			for range 500 {
				ctx, cancel := context.WithCancel(t.Context())
				go cancel()
				if err := turns.take(ctx, fmt.Sprint(i%3), &place{}); errors.Is(err, context.Canceled) {
					continue
				}
				n := at.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				at.Add(-1)
				turns.give()
			}
		})
	}
	all.Wait()
	if turns.free != 2 || turns.users.Len() != 0 || len(turns.waiting) != 0 || most.Load() > 2 {
		t.Errorf("left are %+v, and there were %d at a time", turns, most.Load())
	}
}
