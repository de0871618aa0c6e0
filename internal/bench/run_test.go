package bench

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// echo is a lane whose operations are answered after a time, one at a time, but not while it stands still.
type echo struct {
	takes   time.Duration
	stands  func() time.Duration // how long it stands still from now on
	fails   func(op int) string
	breaks  int // after so many, 0: never
	sent    chan int
	closed  chan struct{}
	answers int
}

func newEcho(takes time.Duration) *echo {
	return &echo{
		takes: takes, stands: func() time.Duration { return 0 }, fails: func(int) string { return "" }, sent: make(chan int, 1<<12),
		closed: make(chan struct{}),
	}
}

var errBroken = errors.New("broken")

func (e *echo) Send(op Op) error {
	e.sent <- op.Number
	return nil
}

func (e *echo) Receive() (Outcome, error) {
	select {
	case op := <-e.sent:
		if e.answers++; e.breaks > 0 && e.answers > e.breaks {
			return Outcome{}, errBroken
		}
		time.Sleep(e.takes + e.stands())
		select {
		case <-e.closed:
			return Outcome{}, errBroken
		default:
			return Outcome{op, e.fails(op)}, nil
		}
	case <-e.closed:
		return Outcome{}, errBroken
	}
}

func (e *echo) Close() error {
	select {
	case <-e.closed:
	default:
		close(e.closed)
	}
	return nil
}

func runEcho(t *testing.T, e *echo, l Load) *Measured {
	t.Helper()
	m, err := Run(t.Context(), func(context.Context, int) (Lane, error) { return e, nil }, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Without a rate there are as many operations as are answered, and each takes what it takes behind those that are in its window.
func TestAsFastAsPossible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := runEcho(t, newEcho(time.Millisecond), Load{Lanes: 1, Window: 4, Warmup: time.Second, Duration: 10 * time.Second})
		if n := m.Took.TotalCount(); n < 9_990 || n > 10_010 || m.Failed() != 0 {
			t.Errorf("%d in ten seconds, failures %v", n, m.Failures)
		}
		if p50 := time.Duration(m.Took.ValueAtQuantile(50)); p50 < 3900*time.Microsecond || p50 > 4100*time.Microsecond {
			t.Errorf("took %v, want 4ms", p50)
		}
	})
}

// With a rate an endpoint that stands still for a second is charged for all that should have been sent meanwhile.
func TestRateHidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, start := newEcho(time.Millisecond), time.Now()
		stood := false
		e.stands = func() time.Duration {
			if stood || time.Since(start) < 5*time.Second {
				return 0
			}
			stood = true
			return time.Second
		}
		m := runEcho(t, e, Load{Lanes: 1, Window: 1, Rate: 100, Duration: 20 * time.Second})
		if n := m.Took.TotalCount(); n < 1995 || n > 2001 {
			t.Errorf("%d operations, want 2,000", n)
		}
		// A hundred of two thousand waited for up to a second: the 97th percentile is in the midst of them.
		if p97 := time.Duration(m.Took.ValueAtQuantile(97)); p97 < 200*time.Millisecond || p97 > 700*time.Millisecond {
			t.Errorf("the 97th percentile is %v", p97)
		}
		if p50 := time.Duration(m.Took.ValueAtQuantile(50)); p50 > 2*time.Millisecond {
			t.Errorf("the median is %v", p50)
		}
	})
}

// What fails is counted by what it says, and what was under way when a lane broke is lost.
func TestFailuresAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEcho(time.Millisecond)
		e.breaks = 1000
		e.fails = func(op int) string {
			if op%10 == 0 {
				return "503"
			}
			return ""
		}
		m := runEcho(t, e, Load{Lanes: 1, Window: 8, Duration: 10 * time.Second})
		if m.Failures["503"] != 100 || m.Took.TotalCount() != 900 || m.Failures["lost"] < 7 || m.Failures["lost"] > 8 || len(m.Broken) != 1 {
			t.Errorf("%d succeeded, failures %v, broken %v", m.Took.TotalCount(), m.Failures, m.Broken)
		}
	})
}

// What happens while warming up does not count.
func TestWarmup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, start := newEcho(time.Millisecond), time.Now()
		e.fails = func(int) string {
			if time.Since(start) < 2*time.Second {
				return "cold"
			}
			return ""
		}
		m := runEcho(t, e, Load{Lanes: 1, Window: 1, Warmup: 2 * time.Second, Duration: time.Second})
		if m.Failures["cold"] > 1 || m.Took.TotalCount() < 990 || m.Throughput() < 990 || m.Throughput() > 1010 {
			t.Errorf("%d succeeded, %f/s, failures %v", m.Took.TotalCount(), m.Throughput(), m.Failures)
		}
	})
}

// What is due before the end counts, though nothing comes any more: as lost, or as not sent in time.
func TestNothingDueIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, start := newEcho(time.Millisecond), time.Now()
		e.stands = func() time.Duration {
			if time.Since(start) < 15*time.Second {
				return 0
			}
			return time.Minute
		}
		m := runEcho(t, e, Load{Lanes: 1, Window: 8, Rate: 100, Duration: 20 * time.Second})
		if n := m.Took.TotalCount(); n != 1500 || m.Failures[lost] != 8 || m.Failures["not sent in time"] != 492 {
			t.Errorf("%d operations, %v", n, m.Failures)
		}
	})
}

// A run that is stopped ends in order, with what there is by then.
func TestCutShort(t *testing.T) {
	for name, rate := range map[string]float64{"as fast as possible": 0, "at a rate": 50} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
				defer stop()
				e := newEcho(10 * time.Millisecond)
				m, err := Run(ctx, func(context.Context, int) (Lane, error) { return e, nil }, Load{Lanes: 1, Window: 1, Rate: rate, Duration: time.Hour}, nil)
				if err != nil || !m.Cut || m.Failed() != 0 || m.Elapsed < 3*time.Second || m.Elapsed > 3100*time.Millisecond || m.Took.TotalCount() < 149 {
					t.Errorf("%v, cut %t, %v, %d in %v", err, m.Cut, m.Failures, m.Took.TotalCount(), m.Elapsed)
				}
			})
		})
	}
}

// A run ends when everything was done, and nothing is done twice.
func TestOperations(t *testing.T) {
	for name, rate := range map[string]float64{"as fast as possible": 0, "at a rate": 100} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				m, err := Run(t.Context(), func(context.Context, int) (Lane, error) { return newEcho(10 * time.Millisecond), nil },
					Load{Lanes: 3, Window: 2, Rate: rate, Operations: 100}, nil)
				if err != nil || m.Cut || m.Took.TotalCount() != 100 || m.Failed() != 0 || time.Since(start) > 2*time.Second {
					t.Errorf("%v, cut %t, %v, %d in %v", err, m.Cut, m.Failures, m.Took.TotalCount(), time.Since(start))
				}
			})
		})
	}
}

// When one lane cannot be opened, those that were are closed, and no more are opened.
func TestOpeningFails(t *testing.T) {
	var opened []*echo
	var mu sync.Mutex
	_, err := Run(t.Context(), func(_ context.Context, number int) (Lane, error) {
		if number == 100 {
			return nil, errBroken
		}
		mu.Lock()
		defer mu.Unlock()
		opened = append(opened, newEcho(0))
		return opened[len(opened)-1], nil
	}, Load{Lanes: 100_000, Window: 1, Duration: time.Second}, nil)
	if !errors.Is(err, errBroken) || len(opened) > 10_000 {
		t.Errorf("%v after %d lanes", err, len(opened))
	}
	for i, e := range opened {
		select {
		case <-e.closed:
		default:
			t.Fatalf("lane %d of %d is left open", i, len(opened))
		}
	}
}

// What is answered when time is over counts, and so does the time that it took.
func TestLateAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := runEcho(t, newEcho(3*time.Second), Load{Lanes: 1, Window: 1, Duration: 2 * time.Second})
		if m.Took.TotalCount() != 1 || m.Elapsed != 3*time.Second || m.Failed() != 0 {
			t.Errorf("%d operations in %v, %v", m.Took.TotalCount(), m.Elapsed, m.Failures)
		}
	})
}

// What is due when a lane has broken is not left out, as long as others are there; when none is, the run ends, and is not a whole one.
func TestBrokenLanes(t *testing.T) {
	for name, test := range map[string]struct {
		lasts int // lanes that do not break
		cut   bool
		takes time.Duration
		unsent,
		fine int64
	}{
		"one": {lasts: 1, takes: 10 * time.Second, unsent: 47, fine: 52},
		"all": {lasts: 0, takes: 500 * time.Millisecond, cut: true, fine: 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, err := Run(t.Context(), func(_ context.Context, number int) (Lane, error) {
					e := newEcho(time.Millisecond)
					if number >= test.lasts {
						e.breaks = 2
					}
					return e, nil
				}, Load{Lanes: 2, Window: 4, Rate: 10, Duration: 10 * time.Second}, nil)
				if err != nil || m.Cut != test.cut || len(m.Broken) != 2-test.lasts || m.Elapsed.Truncate(100*time.Millisecond) != test.takes {
					t.Errorf("%v, cut %t, broken %v, %v", err, m.Cut, m.Broken, m.Elapsed)
				}
				if m.Took.TotalCount() != test.fine || m.Failures[notSent] != test.unsent || m.Failed() != test.unsent+m.Failures[lost] {
					t.Errorf("%d operations, %v", m.Took.TotalCount(), m.Failures)
				}
			})
		})
	}
}

// A run that ends with its operations does not wait for ever for one that is not answered.
func TestNothingComesAnyMore(t *testing.T) {
	for name, rate := range map[string]float64{"as fast as possible": 0, "at a rate": 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, e := time.Now(), newEcho(time.Millisecond)
				swallowed := &swallowing{Lane: e, op: 50}
				m, err := Run(t.Context(), func(context.Context, int) (Lane, error) { return swallowed, nil },
					Load{Lanes: 1, Window: 4, Rate: rate, Operations: 100}, nil)
				if err != nil || !m.Cut || m.Took.TotalCount() != 99 || m.Failures[lost] != 1 || time.Since(start) > 10*time.Minute {
					t.Errorf("%v, cut %t, %d operations, %v, after %v", err, m.Cut, m.Took.TotalCount(), m.Failures, time.Since(start))
				}
			})
		})
	}
}

// swallowing is a lane on which one operation has no outcome.
type swallowing struct {
	Lane
	op int
}

func (s *swallowing) Send(op Op) error {
	if op.Number == s.op {
		return nil
	}
	return s.Lane.Send(op)
}

// One that is slow is waited for, as long as something comes.
func TestSlowIsNotStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := runEcho(t, newEcho(time.Minute), Load{Lanes: 1, Window: 4, Operations: 20})
		if m.Cut || m.Took.TotalCount() != 20 || m.Failed() != 0 {
			t.Errorf("cut %t, %d operations, %v", m.Cut, m.Took.TotalCount(), m.Failures)
		}
	})
}

// What the server uses for opening, warming up and closing is not charged to what counts.
func TestServerTimeIsThatOfWhatCounts(t *testing.T) {
	for _, warmup := range []time.Duration{0, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			born := time.Now()
			m := &meter{read: func(context.Context) *Usage { return &Usage{Memory: 1, CPU: time.Since(born)} }}
			runEcho(t, newEcho(time.Millisecond), Load{Lanes: 1, Window: 1, Warmup: warmup, Duration: 3 * time.Second, meter: m})
			if used := m.after.CPU - m.before.CPU; m.before.CPU != warmup || used < 3*time.Second || used > 3010*time.Millisecond {
				t.Errorf("with a warm-up of %v, from %v to %v", warmup, m.before.CPU, m.after.CPU)
			}
		})
	}
}

// A run that is stopped while it warms up ends, and tells nothing of the server.
func TestCutWhileWarmingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		meter := &meter{read: func(context.Context) *Usage { return &Usage{Memory: 1} }}
		m, err := Run(ctx, func(context.Context, int) (Lane, error) { return newEcho(time.Millisecond), nil },
			Load{Lanes: 1, Window: 1, Warmup: time.Minute, Duration: time.Minute, meter: meter}, nil)
		if err != nil || !m.Cut || m.Took.TotalCount() != 0 || m.Elapsed != 0 || meter.before != nil {
			t.Errorf("%v, cut %t, %d operations in %v, %v", err, m.Cut, m.Took.TotalCount(), m.Elapsed, meter.before)
		}
	})
}

// When one thing cannot be created, no others are that come much later.
func TestCreatingEndsWithAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEcho(time.Millisecond)
		e.fails = func(op int) string {
			if op == 50 {
				return "503"
			}
			return ""
		}
		open := untilOneFails(func(context.Context, int) (Lane, error) { return e, nil })
		m, err := Run(t.Context(), open, Load{Lanes: 1, Window: 8, Operations: 1000}, nil)
		if err != nil || len(m.Broken) != 1 || m.Broken[0].Error() != "503" || m.Took.TotalCount() != 50 || e.answers != 51 {
			t.Errorf("%v, %d operations, broken %v", err, m.Took.TotalCount(), m.Broken)
		}
	})
}

// A rate is over all of the time, though the last operation is over before its end.
func TestRateIsOverAllOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := runEcho(t, newEcho(time.Millisecond), Load{Lanes: 1, Window: 1, Rate: 1, Warmup: time.Second, Duration: 10 * time.Second})
		if m.Cut || m.Took.TotalCount() != 10 || m.Throughput() != 1 {
			t.Errorf("cut %t, %d operations, %g/s", m.Cut, m.Took.TotalCount(), m.Throughput())
		}
	})
}
