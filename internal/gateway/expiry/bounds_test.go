package expiry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/store"
)

var errDisk = errors.New("disk on fire")

// All that expire at once are removed, a bounded number at a time.
func TestManyAtOnce(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		const policies = 3000 // more than are looked at in one turn
		for i := range policies {
			w.policy(fmt.Sprint("n:p", i), subject{"e", "s:a", time.Hour, ""}, subject{"e", "s:b", time.Hour, ""})
		}
		w.options.Workers = 5
		w.expire = func(context.Context) error { time.Sleep(time.Millisecond); return nil }
		w.run()
		w.until(2 * time.Hour)
		if got := len(w.happened()); got != 2*policies || w.counted("expired") != 2*policies {
			t.Errorf("%d removed, counted %v", got, w.counts)
		}
		if w.mostAtOne != 5 {
			t.Errorf("%d at once", w.mostAtOne)
		}
	})
}

// A policy is looked at when all that expire together are removed, and not
// after each.
func TestManyOfOnePolicy(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		var subjects []subject
		for i := range 200 {
			subjects = append(subjects, subject{"e", fmt.Sprint("s:", i), time.Hour, ""})
		}
		w.policy("n:p", subjects...)
		w.options.Workers = 1
		w.expire = func(context.Context) error { time.Sleep(time.Millisecond); return nil }
		w.run()
		w.until(2 * time.Hour)
		if got := len(w.happened()); got != len(subjects) || w.counted("expired") != got || w.counted("loaded") > 5 {
			t.Errorf("%d removed, counted %v", got, w.counts)
		}
	})
}

// A removal that nobody reports is not repeated.
func TestUnreportedRemoval(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.policy("n:p", subject{"e", "s:a", time.Hour, ""})
		w.deaf = true
		w.run()
		w.until(2 * time.Hour)
		if w.counted("expired") != 1 || len(w.happened()) != 1 {
			t.Errorf("counted %v", w.counts)
		}
	})
}

// Damaged policies for which there is room are tried now and then also when
// there is none for others.
func TestDamagedPolicyWithoutRoom(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.MaxTracked = 1
		w.put("n:damaged", store.Record{Due: w.start.Add(time.Hour), Doc: []byte(`{"entries":`)})
		w.policy("n:p", subject{"e", "s:a", time.Hour, ""})
		w.run()
		w.until(2 * time.Hour)
		if n := w.counted("failed"); n < 60 || n > 75 {
			t.Errorf("tried %d times in an hour", n)
		}
		if log := w.happened(); len(log) != 1 {
			t.Error(log)
		}
	})
}

// When reports of changes do not fit, everything is looked at again.
func TestTooManyChanges(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.MaxWaiting = 2
		w.run()
		w.policy("n:known", subject{"e", "s:a", 5 * time.Hour, plain})
		w.until(4*time.Hour + 30*time.Minute)
		w.happened()
		// Without a chance for the custodian to look between them:
		w.policy("n:1", subject{"e", "s:b", 10 * time.Hour, ""})
		w.policy("n:2", subject{"e", "s:b", 10 * time.Hour, ""})
		w.policy("n:overdue", subject{"e", "s:b", 4*time.Hour + 45*time.Minute, plain})
		w.policy("n:known", subject{"e", "s:a", 5 * time.Hour, plain}, subject{"e", "s:c", 5 * time.Hour, plain})
		w.policy("n:soon", subject{"e", "s:b", 5*time.Hour + 50*time.Minute, plain})
		w.until(6 * time.Hour)
		want := []string{
			"4h30m0s: s:b told, deleted at 4h45m0s",
			"4h30m0s: s:c told, deleted at 5h0m0s",
			"4h45m0s: s:b of e in n:overdue removed",
			"4h50m0s: s:b told, deleted at 5h50m0s",
			"5h0m0s: s:a of e in n:known removed",
			"5h0m0s: s:c of e in n:known removed",
			"5h50m0s: s:b of e in n:soon removed",
		}
		if diff := cmp.Diff(want, sorted(w.happened())); diff != "" {
			t.Error(diff)
		}
	})
}

// When removals do not fit, those that are too many are not told, and counted.
func TestTooManyRemoved(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.MaxWaiting = 2
		// Before it runs, so that the custodian cannot look between them.
		w.Custodian = expiry.New(w.options)
		w.tellRemoved("n:p", subject{"e", "s:a", 0, whenDeleted}, subject{"e", "s:b", 0, whenDeleted}, subject{"e", "s:c", 0, whenDeleted})
		w.tellRemoved("n:q", subject{"e", "s:c", 0, whenDeleted})
		w.begin()
		w.until(time.Minute)
		if diff := cmp.Diff([]string{"0s: s:a told, deleted at 0s", "0s: s:b told, deleted at 0s"}, w.happened()); diff != "" {
			t.Error(diff)
		}
		if w.counted("abandoned") != 2 {
			t.Errorf("counted %v", w.counts)
		}
	})
}

// Without room announcements are made later, but nobody keeps a permission
// longer because others wait: who has expired is removed at once.
func TestNoRoom(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.MaxTracked = 2
		for i := range 2 {
			w.policy(fmt.Sprint("n:waiting", i), subject{"e", "s:a", time.Duration(30+i) * time.Minute, asking})
		}
		w.policy("n:x", subject{"e", "s:b", 70*time.Minute + 3*time.Second, asking})
		w.policy("n:y", subject{"e", "s:c", 70*time.Minute + 3*time.Second, ""})
		w.policy("n:z", subject{"e", "s:c", 130 * time.Minute, plain}, subject{"f", "s:c", 8 * time.Hour, plain})
		w.policy("n:late", subject{"e", "s:b", 6 * time.Hour, `{"beforeExpiry":"5h","randomizationInterval":"0s"}`})
		w.run()
		others := func() (lines []string) {
			for _, line := range sorted(w.happened()) {
				if _, what, _ := strings.Cut(line, ": "); !strings.HasPrefix(what, "s:a told") {
					lines = append(lines, what)
				}
			}
			return lines
		}
		w.until(70*time.Minute + 3*time.Second - 1)
		if early := others(); early != nil {
			t.Error(early)
		}
		w.until(70*time.Minute + 14*time.Second)
		if diff := cmp.Diff([]string{"s:b of e in n:x removed", "s:c of e in n:y removed"}, others()); diff != "" {
			t.Error(diff)
		}
		if w.counted("deferred") == 0 {
			t.Error("not counted as deferred")
		}
		// When there is room again, after the first grace period, life goes on.
		w.until(270*time.Minute - 1)
		w.happened()
		w.until(270*time.Minute + time.Second)
		if diff := cmp.Diff([]string{"s:a of e in n:waiting0 removed", "s:b told, deleted at 6h0m0s"}, others()); diff != "" {
			t.Error(diff)
		}
		w.until(9 * time.Hour)
		want := []string{"s:a of e in n:waiting1 removed", "s:b of e in n:late removed", "s:c told, deleted at 8h0m0s", "s:c of f in n:z removed"}
		if diff := cmp.Diff(want, others()); diff != "" {
			t.Error(diff)
		}
	})
}

// Without room who was removed by a command is told once, and not waited for.
func TestNoRoomForRemoved(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.MaxTracked = 1
		w.run()
		w.tellRemoved("n:p", subject{"e", "s:a", 0, mourning}, subject{"e", "s:b", 0, mourning})
		w.until(24 * time.Hour)
		a, b := 0, 0
		for _, r := range w.received {
			if r.subject == "s:a" {
				a++
			} else {
				b++
			}
		}
		if a < 10 || b != 1 || w.counted("abandoned") != 2 {
			t.Errorf("told %d and %d times, counted %v", a, b, w.counts)
		}
	})
}

// So many that are due at one and the same time that they are more than one
// part of a sweep are swept nevertheless.
func TestSweepOfManyAtOneTime(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.MaxTracked = 1
		w.policy("n:0", subject{"e", "s:a", 2 * time.Hour, asking})
		for i := range 2500 {
			w.policy(fmt.Sprint("n:p", i), subject{"e", "s:b", 4 * time.Hour, `{"beforeExpiry":"150m","randomizationInterval":"0s"}`})
		}
		w.policy("n:q", subject{"e", "s:c", 91 * time.Minute, ""})
		w.run()
		w.until(92 * time.Minute)
		log := w.happened()
		if last := log[len(log)-1]; !contains(last, "s:c of e in n:q removed") {
			t.Error(last)
		}
	})
}

// A removal that fails is tried again, ever more seldom, at least each minute.
func TestRemovalFails(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		var at []time.Duration
		w.expire = func(context.Context) error {
			if at = append(at, w.now()-time.Hour); len(at) < 15 {
				return errDisk
			}
			return nil
		}
		w.run()
		w.policy("n:p", subject{"e", "s:a", time.Hour, ""})
		w.until(2 * time.Hour)
		if at[0] != 0 || at[1] != time.Second || at[2] != 2500*time.Millisecond || at[14]-at[13] != time.Minute {
			t.Errorf("tried at %v", at)
		}
		if diff := cmp.Diff(15, len(at)); diff != "" || w.counted("failed") != 14 || w.counted("expired") != 1 {
			t.Errorf("%v, counted %v", diff, w.counts)
		}
	})
}

// A removal that does nothing although it should is not tried without a pause.
func TestRemovalWithoutEffect(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.Remover = nothing{}
		w.run()
		w.policy("n:p", subject{"e", "s:a", time.Hour, ""})
		w.until(2 * time.Hour)
		if n := w.counted("expired"); n < 60 || n > 75 {
			t.Errorf("tried %d times in an hour", n)
		}
	})
}

type nothing struct{}

func (nothing) Expire(context.Context, string, string, string, time.Time) error { return nil }

// A store that fails for a while delays what is to be done and loses nothing.
func TestStoreFails(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, plain})
		w.broken = errDisk
		w.run()
		w.until(time.Minute)
		w.setBroken(nil)
		w.until(2*time.Hour - time.Second)
		w.setBroken(errDisk)
		w.until(2*time.Hour + 2*time.Second)
		w.setBroken(nil)
		w.until(12 * time.Hour)
		want := []string{"2h0m2.5s: s:a told, deleted at 3h0m0s", "3h0m0s: s:a of e in n:p removed"}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
		if n := w.counted("failed"); n < 5 || n > 15 {
			t.Errorf("%d failures", n)
		}
	})
}

func (w *world) setBroken(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = err
}

// A policy that is damaged is tried again now and then, and is in nobody's way.
func TestDamagedPolicy(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.put("n:damaged", store.Record{Due: w.start.Add(time.Hour), Doc: []byte(`{"entries":`)})
		w.policy("n:p", subject{"e", "s:a", time.Hour, ""})
		w.run()
		w.until(2 * time.Hour)
		if diff := cmp.Diff([]string{"1h0m0s: s:a of e in n:p removed"}, w.happened()); diff != "" {
			t.Error(diff)
		}
		if n := w.counted("failed"); n < 60 || n > 75 {
			t.Errorf("tried %d times in an hour", n)
		}
		w.policy("n:damaged", subject{"e", "s:b", time.Hour, ""})
		w.until(2*time.Hour + time.Second)
		if diff := cmp.Diff([]string{"2h0m0s: s:b of e in n:damaged removed"}, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// Changes that nobody reports are found by the index, if they are due later.
func TestUnreportedChanges(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		w.policy("n:q", subject{"e", "s:c", 4 * time.Hour, ""})
		w.until(time.Hour)
		w.deaf = true
		w.policy("n:p", subject{"e", "s:a", 5 * time.Hour, plain})
		w.until(12 * time.Hour)
		want := []string{
			"4h0m0s: s:c of e in n:q removed", "4h0m0s: s:a told, deleted at 5h0m0s", "5h0m0s: s:a of e in n:p removed",
		}
		if diff := cmp.Diff(sorted(want), sorted(w.happened())); diff != "" {
			t.Error(diff)
		}
	})
}

// The end of Run is not held up, and ends what is under way.
func TestStop(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.expire = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		w.run()
		for i := range 100 {
			w.policy(fmt.Sprint("n:p", i), subject{"e", "s:a", time.Hour, ""})
		}
		w.until(time.Hour)
		if w.underWay != 32 {
			t.Errorf("%d removals are under way", w.underWay)
		}
		w.stop()
		if w.underWay != 0 || w.now() != time.Hour {
			t.Errorf("at %v %d removals are under way", w.now(), w.underWay)
		}
		// Reports that come too late do not block.
		for i := range 20_000 {
			w.Changed(fmt.Sprint(i), w.start, false)
		}
	})
}

// A removal that hangs is given up, and tried again.
func TestRemovalHangs(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		first := sync.OnceValue(func() bool { return true })
		calls := 0
		w.expire = func(ctx context.Context) error {
			if calls++; calls == 1 && first() {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		w.run()
		w.policy("n:p", subject{"e", "s:a", time.Hour, ""})
		w.until(2 * time.Hour)
		if diff := cmp.Diff([]string{"1h1m1s: s:a of e in n:p removed"}, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// Many goroutines report, acknowledge and configure at once.
func TestConcurrent(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.answer = func(a told) {
			if len(a.acks) > 0 {
				w.acknowledge(a, time.Duration(len(a.correlationID))*time.Millisecond, 200)
			}
		}
		w.options.MaxTracked, w.options.MaxWaiting = 50, 10
		w.run()
		var all sync.WaitGroup
		for g := range 8 {
			all.Go(func() {
				for i := range 50 {
					id := fmt.Sprintf("n:p%d-%d", g, i%10)
					s := subject{"e", "s:a", w.now() + time.Duration(1+i)*time.Minute, []string{plain, asking, both, ""}[i%4]}
					w.policy(id, s)
					if i%3 == 0 {
						w.Configure(settings(time.Hour, 0))
						w.tellRemoved(id, subject{"e", "s:b", 0, mourning})
					}
					time.Sleep(time.Minute)
				}
			})
		}
		all.Wait()
		w.until(24 * time.Hour)
		for id, r := range w.records {
			if !r.Due.IsZero() {
				t.Errorf("%s is due at %v: %s", id, r.Due, r.Doc)
			}
		}
	})
}
