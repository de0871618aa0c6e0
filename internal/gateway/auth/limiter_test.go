package auth

import (
	"fmt"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := newLimiter(3, start)

	for i := range 3 {
		if wait := l.wait("k", start); wait > 0 {
			t.Fatalf("limited for %v after %d failures", wait, i)
		}
		l.fail("k", start)
	}
	if wait := l.wait("k", start); wait != 20*time.Second {
		t.Errorf("after the third failure it waits %v, want 20s", wait)
	}
	if wait := l.wait("k", start.Add(20*time.Second)); wait > 0 {
		t.Errorf("after 20s it still waits %v", wait)
	}
	if wait := l.wait("other", start); wait > 0 {
		t.Errorf("another key waits %v", wait)
	}

	// A pause earns no more than the full bucket.
	later := start.Add(time.Hour)
	for range 3 {
		l.fail("k", later)
	}
	if wait := l.wait("k", later); wait != 20*time.Second {
		t.Errorf("after a pause and three failures it waits %v, want 20s", wait)
	}
}

func TestLimiterRateChanges(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := newLimiter(3, start)
	for range 3 {
		l.fail("k", start)
	}
	l.setRate(6)
	if wait := l.wait("k", start); wait != 10*time.Second {
		t.Errorf("after three failures at 20s each, with six a minute allowed, it waits %v, want 10s", wait)
	}
	l.setRate(1)
	if wait := l.wait("k", start); wait != time.Minute {
		t.Errorf("with one a minute allowed it waits %v, want 1m0s", wait)
	}
}

// A flood of other names leaves a name its tokens, and so do a hundred names that are out of theirs.
func TestLimiterUnderFlood(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ names, failures, limited int }{
		{names: 4000, failures: 1, limited: 0},
		{names: 100, failures: 10, limited: 1}, // (100/4096)^3 of 1000 are none
	} {
		l := newLimiter(10, start)
		for i := range tc.names * tc.failures {
			l.fail(fmt.Sprint("user", i%tc.names), start)
		}
		limited := 0
		for i := range 1000 {
			if l.wait(fmt.Sprint("innocent", i), start) > 0 {
				limited++
			}
		}
		if limited > tc.limited {
			t.Errorf("%+v: %d of 1000 other users are limited", tc, limited)
		}
	}
}
