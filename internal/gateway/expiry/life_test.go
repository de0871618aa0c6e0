package expiry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	plain       = `{"beforeExpiry":"1h","randomizationInterval":"0s"}`
	asking      = `{"beforeExpiry":"1h","randomizationInterval":"0s","requestedAcks":{"labels":["my:ack"],"timeout":"10s"}}`
	askingTwo   = `{"beforeExpiry":"1h","randomizationInterval":"0s","requestedAcks":{"labels":["my:ack","other:ack"],"timeout":"10s"}}`
	whenDeleted = `{"whenDeleted":true}`
	mourning    = `{"whenDeleted":true,"requestedAcks":{"labels":["my:ack"],"timeout":"10s"}}`
	both        = `{"beforeExpiry":"1h","whenDeleted":true,"randomizationInterval":"0s","requestedAcks":{"labels":["my:ack"],"timeout":"10s"}}`
)

// A life is what a subject that expires after three hours goes through.
func TestLife(t *testing.T) {
	const e = 3 * time.Hour
	for _, c := range []struct {
		name         string
		announcement string
		answer       func(w *world) func(told)
		want         []string
	}{
		{"without an announcement", ``, nil, []string{
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"announced when it is deleted, which expiry is not", whenDeleted, nil, []string{
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"announced", plain, nil, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"acknowledged", asking, func(w *world) func(told) { return w.always(204) }, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"acknowledged by all", askingTwo, func(w *world) func(told) { return w.always(200, 299) }, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"refused, which is final", asking, func(w *world) func(told) { return w.always(404) }, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"acknowledged late", asking, func(w *world) func(told) {
			return func(a told) { w.acknowledge(a, 9*time.Second, 200) }
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"acknowledged too late, and then in time", asking, func(w *world) func(told) {
			return func(a told) {
				if a.at == 2*time.Hour {
					w.acknowledge(a, 10*time.Second+time.Millisecond, 200)
					return
				}
				w.acknowledge(a, 0, 200)
			}
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"2h0m10.001s: an acknowledgement was not waited for",
			"2h0m11s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"failed for a while", asking, func(w *world) func(told) {
			n := 0
			return func(a told) {
				n++
				w.acknowledge(a, 0, []int{500, 408, 424, 599, 200}[n-1])
			}
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"2h0m1s: s:a told, deleted at 3h0m0s",
			"2h0m2.5s: s:a told, deleted at 3h0m0s",
			"2h0m4.75s: s:a told, deleted at 3h0m0s",
			"2h0m8.125s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"acknowledged by one, failed with another", askingTwo, func(w *world) func(told) {
			return func(a told) {
				if a.at == 2*time.Hour {
					w.acknowledge(a, 0, 200, 503)
					return
				}
				w.acknowledge(a, 0, 200, 200)
			}
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"2h0m1s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"refused by one, unanswered by another", askingTwo, func(w *world) func(told) {
			return func(a told) {
				if a.at == 2*time.Hour {
					w.acknowledge(a, 0, 400)
					return
				}
				w.acknowledge(a, 0, 400, 200)
			}
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"2h0m11s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"acknowledged after its expiry, until when it stays", asking, func(w *world) func(told) {
			return func(a told) {
				if a.at > 3*time.Hour {
					w.acknowledge(a, time.Second, 200)
				}
			}
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"2h0m11s: s:a told, deleted at 3h0m0s",
			"2h0m22.5s: s:a told, deleted at 3h0m0s",
			"2h0m34.75s: s:a told, deleted at 3h0m0s",
			"2h0m48.125s: s:a told, deleted at 3h0m0s",
			"2h1m3.1875s: s:a told, deleted at 3h0m0s",
			"2h1m20.78125s: s:a told, deleted at 3h0m0s",
			"2h1m42.171875s: s:a told, deleted at 3h0m0s",
			"2h2m9.2578125s: s:a told, deleted at 3h0m0s",
			"2h2m44.88671875s: s:a told, deleted at 3h0m0s",
			"2h3m33.330078125s: s:a told, deleted at 3h0m0s",
			"2h4m40.995117187s: s:a told, deleted at 3h0m0s",
			"2h6m17.49267578s: s:a told, deleted at 3h0m0s",
			"2h8m37.239013669s: s:a told, deleted at 3h0m0s",
			"2h12m1.858520502s: s:a told, deleted at 3h0m0s",
			"2h17m3.787780751s: s:a told, deleted at 3h0m0s",
			"2h24m31.681671124s: s:a told, deleted at 3h0m0s",
			"2h35m38.522506683s: s:a told, deleted at 3h0m0s",
			"2h52m13.783760021s: s:a told, deleted at 3h0m0s",
			"3h17m1.675640028s: s:a told, deleted at 3h0m0s",
			"3h17m2.675640028s: s:a of e in n:p removed",
		}},
	} {
		play(t, c.name, func(t *testing.T, w *world) {
			if c.answer != nil {
				w.answer = c.answer(w)
			}
			w.run()
			w.policy("n:p", subject{"e", "s:a", e, c.announcement})
			w.until(12 * time.Hour)
			if diff := cmp.Diff(c.want, w.happened()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Nobody acknowledges. The wait between attempts grows up to an hour, and the
// subject stays until the grace period has passed, and not a moment longer.
func TestUnacknowledgedStaysUntilTheEndOfTheGracePeriod(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.options.Random = func() float64 { return 1 }
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, asking})
		w.until(7*time.Hour - 1)
		var pauses []time.Duration
		for i, a := range w.received[1:] {
			pauses = append(pauses, a.at-w.received[i].at-10*time.Second)
		}
		s := time.Second
		want := []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 512 * s, 1024 * s, 2048 * s, 3600 * s, 3600 * s, 3600 * s}
		if diff := cmp.Diff(want, pauses); diff != "" {
			t.Error("pauses:", diff)
		}
		w.happened()
		w.until(7 * time.Hour)
		if diff := cmp.Diff([]string{"7h0m0s: s:a of e in n:p removed"}, w.happened()); diff != "" {
			t.Error(diff)
		}
		if w.counted("abandoned") != 1 || w.counted("acknowledged") != 0 || w.counted("expired") != 1 {
			t.Errorf("counted %v", w.counts)
		}
		w.until(24 * time.Hour)
		if log := w.happened(); log != nil {
			t.Errorf("afterwards: %v", log)
		}
	})
}

// The factor by which the wait grows is random, from 1.5 to 2.
func TestWaitsGrowRandomly(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		next := 0.0
		w.options.Random = func() float64 { next = 1 - next; return next / 2 }
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, asking})
		w.until(2*time.Hour + time.Minute)
		want := []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"2h0m11s: s:a told, deleted at 3h0m0s",
			"2h0m22.75s: s:a told, deleted at 3h0m0s",  // 1 s · 1.75
			"2h0m35.375s: s:a told, deleted at 3h0m0s", // 1.75 s · 1.5
			"2h0m49.96875s: s:a told, deleted at 3h0m0s",
		}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// Announcements of subjects that expire together are spread.
func TestAnnouncementsAreSpread(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		const n = 200
		for i := range n {
			id := fmt.Sprint("n:p", i)
			w.policy(id, subject{"e", "s:a", 3 * time.Hour, `{"beforeExpiry":"1h","randomizationInterval":"10m"}`})
		}
		w.run()
		w.until(3*time.Hour - 1)
		quarters := [4]int{}
		for _, a := range w.received {
			early := 2*time.Hour - a.at
			if early < 0 || early > 10*time.Minute {
				t.Fatalf("announced %v too early", early)
			}
			quarters[min(early/(150*time.Second), 3)]++
		}
		for _, q := range quarters {
			if q < n/8 {
				t.Errorf("announcements by quarter of the span: %v", quarters)
			}
		}
		if len(w.received) != n {
			t.Errorf("%d announcements, want %d", len(w.received), n)
		}
	})
}

// A subject in several entries is told once, and removed from each. Others of
// the policy have lives of their own.
func TestSeveralSubjects(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.answer = func(a told) { w.acknowledge(a, 0, 200) }
		w.run()
		w.policy("n:p",
			subject{"e", "s:a", 3 * time.Hour, asking}, subject{"e", "s:b", 5 * time.Hour, asking}, subject{"e", "s:c", 0, asking},
			subject{"f", "s:a", 3 * time.Hour, asking}, subject{"f", "s:b", 4 * time.Hour, ""},
		)
		w.until(24 * time.Hour)
		got := w.happened()
		want := []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
			"3h0m0s: s:a of f in n:p removed",
			"4h0m0s: s:b of f in n:p removed",
			"4h0m0s: s:b told, deleted at 5h0m0s",
			"5h0m0s: s:b of e in n:p removed",
		}
		if diff := cmp.Diff(want, sorted(got)); diff != "" {
			t.Error(diff)
		}
		if w.counted("announced") != 2 {
			t.Errorf("%d announcements", w.counted("announced"))
		}
	})
}

// What should have happened while there was no gateway happens at its start, if
// it is not too late.
func TestMissed(t *testing.T) {
	for _, c := range []struct {
		name    string
		expiry  time.Duration
		subject string
		want    []string
	}{
		{"announcement", 30 * time.Minute, plain, []string{"0s: s:a told, deleted at 30m0s", "30m0s: s:a of e in n:p removed"}},
		{"expiry", -time.Minute, ``, []string{"0s: s:a of e in n:p removed"}},
		{"both, within the grace period", -time.Hour, plain, []string{"0s: s:a told, deleted at -1h0m0s", "0s: s:a of e in n:p removed"}},
		{"both, and the grace period", -4 * time.Hour, asking, []string{"0s: s:a of e in n:p removed"}},
		{"and acknowledged within the grace period", -time.Hour, askingTwo, []string{"0s: s:a told, deleted at -1h0m0s", "5s: s:a of e in n:p removed"}},
	} {
		play(t, c.name, func(t *testing.T, w *world) {
			w.answer = func(a told) {
				if len(a.acks) > 0 {
					w.acknowledge(a, 5*time.Second, 200, 200)
				}
			}
			w.policy("n:p", subject{"e", "s:a", c.expiry, c.subject})
			w.run()
			w.until(time.Hour)
			if diff := cmp.Diff(c.want, w.happened()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is known of announcements is forgotten with the process.
func TestRestartAnnouncesAgain(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.answer = func(a told) { w.acknowledge(a, 0, 200) }
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, asking})
		w.until(2*time.Hour + time.Minute)
		w.stop()
		w.run()
		w.until(12 * time.Hour)
		want := []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"2h1m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// A policy that is written when the announcement is overdue makes up for it.
func TestLateConfiguration(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		w.until(10 * time.Minute)
		w.policy("n:p", subject{"e", "s:a", 30 * time.Minute, plain})
		w.until(12 * time.Hour)
		want := []string{"10m0s: s:a told, deleted at 30m0s", "30m0s: s:a of e in n:p removed"}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}
