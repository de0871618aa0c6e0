package expiry_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/store"
)

// What clients do to policies while their subjects wait.
func TestChanges(t *testing.T) {
	hours := func(n float64) time.Duration { return time.Duration(n * float64(time.Hour)) }
	a := func(expiry float64, announcement string) subject {
		return subject{"e", "s:a", hours(expiry), announcement}
	}
	for _, c := range []struct {
		name   string
		answer []int // to every announcement; nil: none
		before []subject
		at     float64 // hours, when it changes
		change func(w *world)
		want   []string
	}{
		{"a later expiry, before it was announced", nil, []subject{a(3, plain)}, 1.5, func(w *world) {
			w.policy("n:p", a(5, plain))
		}, []string{
			"4h0m0s: s:a told, deleted at 5h0m0s",
			"5h0m0s: s:a of e in n:p removed",
		}},
		{"a later expiry, after it was announced", nil, []subject{a(3, plain)}, 2.5, func(w *world) {
			w.policy("n:p", a(5, plain))
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"4h0m0s: s:a told, deleted at 5h0m0s",
			"5h0m0s: s:a of e in n:p removed",
		}},
		{"a later expiry, while nobody acknowledges", nil, []subject{a(3, asking)}, 2.003, func(w *world) {
			w.policy("n:p", a(15, asking))
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
		}},
		{"an earlier expiry", nil, []subject{a(5, plain)}, 1.5, func(w *world) {
			w.policy("n:p", a(3, plain))
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"an earlier expiry, of which it is too late to tell", nil, []subject{a(5, plain)}, 4.5, func(w *world) {
			w.policy("n:p", a(4.75, plain))
		}, []string{
			"4h0m0s: s:a told, deleted at 5h0m0s",
			"4h30m0s: s:a told, deleted at 4h45m0s",
			"4h45m0s: s:a of e in n:p removed",
		}},
		{"no expiry any more", nil, []subject{a(3, plain)}, 2.5, func(w *world) {
			w.policy("n:p", a(0, plain))
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
		}},
		{"no acknowledgement requested any more", nil, []subject{a(3, asking)}, 3.5, func(w *world) {
			w.happened()
			w.policy("n:p", a(3, ""))
		}, []string{
			"3h30m0s: s:a of e in n:p removed",
		}},
		{"something else", []int{200}, []subject{a(3, asking)}, 2.5, func(w *world) {
			w.policy("n:p", a(3, asking), subject{"f", "s:b", 0, ""})
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
		}},
		{"another entry with the subject", []int{200}, []subject{a(3, asking)}, 2.5, func(w *world) {
			w.policy("n:p", a(3, asking), subject{"f", "s:a", 3 * time.Hour, asking})
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a of e in n:p removed",
			"3h0m0s: s:a of f in n:p removed",
		}},
		{"one subject more", nil, []subject{a(6, plain)}, 5.5, func(w *world) {
			w.policy("n:p", a(6, plain), subject{"e", "s:b", 5*time.Hour + 45*time.Minute, plain})
		}, []string{
			"5h0m0s: s:a told, deleted at 6h0m0s",
			"5h30m0s: s:b told, deleted at 5h45m0s",
			"5h45m0s: s:b of e in n:p removed",
			"6h0m0s: s:a of e in n:p removed",
		}},
		{"the subject is removed, and nobody wants to be told", nil, []subject{a(3, plain)}, 2.5, func(w *world) {
			w.policy("n:p")
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
		}},
		{"the subject is removed while it waits for an acknowledgement", nil, []subject{a(3, asking)}, 2.003, func(w *world) {
			w.happened()
			w.answer = w.always(200)
			w.policy("n:p")
		}, []string{
			"2h0m11s: s:a told, deleted at 2h0m10.8s",
		}},
		{"the policy is deleted while it waits for an acknowledgement", nil, []subject{a(3, asking)}, 2.003, func(w *world) {
			w.happened()
			w.answer = w.always(200)
			w.put("n:p", store.Record{Deleted: true})
		}, []string{
			"2h0m11s: s:a told, deleted at 2h0m10.8s",
		}},
		{"the policy is deleted before", nil, []subject{a(3, plain)}, 1, func(w *world) {
			w.put("n:p", store.Record{Deleted: true})
		}, nil},
		{"the policy is deleted and made again", []int{200}, []subject{a(3, asking)}, 2.5, func(w *world) {
			w.put("n:p", store.Record{Deleted: true})
			w.policy("n:p", a(4, asking))
		}, []string{
			"2h0m0s: s:a told, deleted at 3h0m0s",
			"3h0m0s: s:a told, deleted at 4h0m0s",
			"4h0m0s: s:a of e in n:p removed",
		}},
	} {
		play(t, c.name, func(t *testing.T, w *world) {
			w.answer = func(a told) {
				if len(a.acks) > 0 {
					w.acknowledge(a, 0, c.answer...)
				}
			}
			w.run()
			w.policy("n:p", c.before...)
			w.until(hours(c.at))
			c.change(w)
			w.until(13 * time.Hour)
			if diff := cmp.Diff(c.want, sorted(w.happened())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Subjects that a command removes are told if they want to be.
func TestWhenDeleted(t *testing.T) {
	const e = 3 * time.Hour
	for _, c := range []struct {
		name         string
		announcement string
		expiry       time.Duration
		answer       []int // to every announcement; nil: none
		at           time.Duration
		want         []string
	}{
		{"without an expiry", whenDeleted, 0, nil, time.Hour, []string{"1h0m0s: s:a told, deleted at 1h0m0s"}},
		{"before its expiry", whenDeleted, e, nil, time.Hour, []string{"1h0m0s: s:a told, deleted at 1h0m0s"}},
		{"and acknowledges it", mourning, 0, []int{200}, time.Hour, []string{"1h0m0s: s:a told, deleted at 1h0m0s"}},
		{"and refuses it", mourning, 0, []int{403}, time.Hour, []string{"1h0m0s: s:a told, deleted at 1h0m0s"}},
		{"before its expiry is announced", both, e, []int{200}, time.Hour, []string{"1h0m0s: s:a told, deleted at 1h0m0s"}},
		{"after it has acknowledged that it expires", both, e, []int{200}, 150 * time.Minute, []string{"2h0m0s: s:a told, deleted at 3h0m0s"}},
		{"after it has refused to hear that it expires", both, e, []int{400}, 150 * time.Minute, []string{"2h0m0s: s:a told, deleted at 3h0m0s"}},
	} {
		for _, order := range []string{"told at once", "told later"} {
			play(t, c.name+", "+order, func(t *testing.T, w *world) {
				w.answer = func(a told) {
					if len(a.acks) > 0 {
						w.acknowledge(a, 0, c.answer...)
					}
				}
				w.run()
				s := subject{"e", "s:a", c.expiry, c.announcement}
				w.policy("n:p", s)
				w.until(c.at)
				w.policy("n:p")
				if order == "told later" {
					synctestWait()
				}
				w.tellRemoved("n:p", s)
				w.until(12 * time.Hour)
				if diff := cmp.Diff(c.want, w.happened()); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// That a subject was removed is repeated until the grace period after the
// removal has passed.
func TestWhenDeletedUnacknowledged(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		s := subject{"e", "s:a", 0, mourning}
		w.policy("n:p", s)
		w.until(time.Hour)
		w.remove("n:p", []subject{s})
		w.until(24 * time.Hour)
		last := w.received[len(w.received)-1]
		if last.at > 5*time.Hour || last.at < 3*time.Hour || last.deleteAt != time.Hour || len(w.received) < 15 {
			t.Errorf("the last of %d announcements: %+v", len(w.received), last)
		}
		if w.counted("abandoned") != 1 {
			t.Errorf("counted %v", w.counts)
		}
	})
}

// An announcement that a subject expires, which it has not acknowledged, and
// one that it was removed are the same one.
func TestRemovedWhileAnnounced(t *testing.T) {
	for _, order := range []string{"told at once", "told later", "told when it has acknowledged"} {
		play(t, order, func(t *testing.T, w *world) {
			w.run()
			s := subject{"e", "s:a", 3 * time.Hour, both}
			w.policy("n:p", s)
			w.until(2*time.Hour + 5*time.Second)
			w.answer = w.always(200)
			w.policy("n:p")
			switch order {
			case "told later":
				synctestWait()
			case "told when it has acknowledged":
				w.until(2*time.Hour + 30*time.Second)
			}
			w.tellRemoved("n:p", s)
			w.until(12 * time.Hour)
			want := []string{"2h0m0s: s:a told, deleted at 3h0m0s", "2h0m11s: s:a told, deleted at 2h0m5s"}
			if diff := cmp.Diff(want, w.happened()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A subject that is back does not hear again that it was removed.
func TestRemovedAndBack(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		s := subject{"e", "s:a", 0, mourning}
		w.policy("n:p", s)
		w.until(time.Hour)
		w.remove("n:p", []subject{s})
		w.until(time.Hour + 5*time.Second)
		w.policy("n:p", s)
		w.until(12 * time.Hour)
		if diff := cmp.Diff([]string{"1h0m0s: s:a told, deleted at 1h0m0s"}, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// Settings that change hold for what is waited for.
func TestConfigure(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, asking})
		w.policy("n:q", subject{"e", "s:b", 3*time.Hour + 40*time.Minute,
			`{"beforeExpiry":"1s","randomizationInterval":"0s","requestedAcks":{"labels":["my:ack"],"timeout":"10s"}}`})
		w.until(3*time.Hour + 20*time.Minute)
		w.happened()
		w.Configure(settings(30*time.Minute, 5*time.Second))
		w.until(3*time.Hour + 41*time.Minute)
		want := []string{
			"3h30m0s: s:a of e in n:p removed",
			"3h39m59s: s:b told, deleted at 3h40m0s",
			"3h40m5s: s:b told, deleted at 3h40m0s",
			"3h40m11.5s: s:b told, deleted at 3h40m0s",
		}
		if diff := cmp.Diff(want, w.happened()[:4]); diff != "" {
			t.Error(diff)
		}
		w.Configure(settings(time.Minute+time.Second, 0))
		w.until(24 * time.Hour)
		log := w.happened()
		if last := log[len(log)-1]; last != "3h41m1s: s:b of e in n:q removed" {
			t.Error(last)
		}
	})
}

// Reports that come before Run, and changes of what is never due, do no harm.
func TestChangedBeforeRun(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.policy("n:p", subject{"e", "s:a", time.Hour, ""})
		w.policy("n:o", subject{"e", "s:b", -time.Hour, ""})
		w.Custodian = expiry.New(w.options)
		w.Changed("n:p", w.start.Add(time.Hour), false)
		w.begin()
		w.until(time.Second)
		w.Changed("n:q", time.Time{}, false)
		w.Changed("n:r", w.start.Add(time.Minute), true)
		w.Changed("n:s", w.start.Add(-time.Minute), false)
		w.until(2 * time.Hour)
		want := []string{"0s: s:b of e in n:o removed", "1h0m0s: s:a of e in n:p removed"}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// When nothing is due nothing is done, but for a look at the clock now and then.
func TestIdle(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.policy("n:p", subject{"e", "s:a", 1000 * time.Hour, plain})
		w.run()
		w.until(900 * time.Hour)
		if w.counted("index") != 2 || w.counted("loaded") != 0 {
			t.Errorf("counted %v", w.counts)
		}
	})
}

// Subjects of a policy of which one already waits have their time, too.
func TestOneAfterTheOther(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		w.policy("n:p", subject{"e", "s:a", 10 * time.Hour, `{"beforeExpiry":"8h","randomizationInterval":"0s"}`},
			subject{"e", "s:b", 5 * time.Hour, plain}, subject{"e", "s:c", 6 * time.Hour, ""})
		w.until(12 * time.Hour)
		want := []string{
			"2h0m0s: s:a told, deleted at 10h0m0s",
			"4h0m0s: s:b told, deleted at 5h0m0s",
			"5h0m0s: s:b of e in n:p removed",
			"6h0m0s: s:c of e in n:p removed",
			"10h0m0s: s:a of e in n:p removed",
		}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// A subject that was told of one expiry, and has another one when it is
// removed, is told that it is removed.
func TestRemovedAfterItWasProlonged(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.answer = w.always(200)
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, both})
		w.until(150 * time.Minute)
		s := subject{"e", "s:a", 10 * time.Hour, both}
		w.policy("n:p", s)
		w.remove("n:p", []subject{s})
		w.until(12 * time.Hour)
		want := []string{"2h0m0s: s:a told, deleted at 3h0m0s", "2h30m0s: s:a told, deleted at 2h30m0s"}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// What a change has made pointless is not waited for.
func TestAttemptEndsWithItsReason(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, asking})
		w.until(2 * time.Hour)
		w.policy("n:p", subject{"e", "s:a", 30 * time.Hour, asking})
		synctestWait()
		w.acknowledge(w.received[0], 0, 200)
		want := []string{"2h0m0s: s:a told, deleted at 3h0m0s", "2h0m0s: an acknowledgement was not waited for"}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}
