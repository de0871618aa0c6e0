package expiry_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

func synctestWait() { synctest.Wait() }

func settings(grace, attempt time.Duration) expiry.Settings {
	return expiry.Settings{GracePeriod: grace, AttemptTimeout: attempt}
}

// An acknowledgement counts if it is of what was announced, and comes from a
// session that was asked.
func TestAcknowledge(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, askingTwo})
		w.until(2 * time.Hour)
		good := expiry.Ack{
			PolicyID: "n:p", CorrelationID: w.received[0].correlationID, Label: "my:ack", Status: 200,
			Audience: &pubsub.Audience{Subjects: []string{"s:x", "s:a"}},
		}
		for _, c := range []struct {
			name   string
			modify func(*expiry.Ack)
			want   bool
		}{
			{"another policy", func(a *expiry.Ack) { a.PolicyID = "n:q" }, false},
			{"another correlation id", func(a *expiry.Ack) { a.CorrelationID += "x" }, false},
			{"a label that is not requested", func(a *expiry.Ack) { a.Label = "your:ack" }, false},
			{"nobody", func(a *expiry.Ack) { a.Audience = nil }, false},
			{"another subject", func(a *expiry.Ack) { a.Audience = &pubsub.Audience{Subjects: []string{"s:b", "s:A"}} }, false},
			{"no status", func(a *expiry.Ack) { a.Status = 0 }, false},
			{"what is asked for", func(*expiry.Ack) {}, true},
			{"the same once more", func(*expiry.Ack) {}, false},
			{"the other label", func(a *expiry.Ack) { a.Label = "other:ack" }, true},
			{"after the last", func(a *expiry.Ack) { a.Label = "other:ack" }, false},
		} {
			ack := good
			c.modify(&ack)
			if got := w.Acknowledge(ack); got != c.want {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
		w.until(12 * time.Hour)
		want := []string{"2h0m0s: s:a told, deleted at 3h0m0s", "3h0m0s: s:a of e in n:p removed"}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
	})
}

// Each attempt has a correlation id of its own, and after the end of Run none
// waits.
func TestAttempts(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour, asking})
		w.until(2*time.Hour + 12*time.Second)
		first, second := w.received[0], w.received[1]
		if first.correlationID == second.correlationID || len(second.correlationID) < 20 {
			t.Errorf("correlation ids %q and %q", first.correlationID, second.correlationID)
		}
		ack := expiry.Ack{PolicyID: "n:p", Label: "my:ack", Status: 200, Audience: &w.audience}
		ack.CorrelationID = first.correlationID
		if w.Acknowledge(ack) {
			t.Error("an attempt that has ended was acknowledged")
		}
		w.stop()
		ack.CorrelationID = second.correlationID
		if w.Acknowledge(ack) {
			t.Error("an attempt was acknowledged after the end of Run")
		}
	})
}

// The same label twice is one acknowledgement.
func TestLabelTwice(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		w.answer = w.always(200)
		w.run()
		w.policy("n:p", subject{"e", "s:a", 3 * time.Hour,
			`{"beforeExpiry":"1h","randomizationInterval":"0s","requestedAcks":{"labels":["my:ack","my:ack"]}}`})
		w.until(12 * time.Hour)
		want := []string{"2h0m0s: s:a told, deleted at 3h0m0s", "3h0m0s: s:a of e in n:p removed"}
		if diff := cmp.Diff(want, w.happened()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"my:ack"}, w.received[0].acks); diff != "" {
			t.Error(diff)
		}
	})
}

// How long an attempt waits is what the policy says, a minute at most and if it
// does not say.
func TestTimeout(t *testing.T) {
	for asked, want := range map[string]string{`,"timeout":"10s"`: "10s", `,"timeout":"1500ms"`: "1500ms", `,"timeout":"2m"`: "60s", ``: "60s"} {
		play(t, asked, func(t *testing.T, w *world) {
			w.run()
			w.policy("n:p", subject{"e", "s:a", 3 * time.Hour,
				`{"beforeExpiry":"1h","randomizationInterval":"0s","requestedAcks":{"labels":["my:ack"]` + asked + `}}`})
			w.until(2*time.Hour + 2*time.Minute)
			wait, err := time.ParseDuration(want)
			if err != nil {
				t.Fatal(err)
			}
			if got := w.received[0].timeout; got != want {
				t.Errorf("the announcement says %q, want %q", got, want)
			}
			if got := w.received[1].at - w.received[0].at; got != wait+time.Second {
				t.Errorf("it is repeated after %v", got)
			}
		})
	}
}

// session notes what a hub delivers.
type session struct {
	audience pubsub.Audience
	got      []string
}

func (s *session) Audience() *pubsub.Audience { return &s.audience }
func (s *session) Deliver(b wire.Burst) {
	for i := range b.Len() {
		frame := string(b.Frame(i))
		s.got = append(s.got, frame[strings.IndexByte(frame, '{'):])
	}
}

// Whoever acts for the subject is told, and is asked for the acknowledgements
// that it has declared.
func TestWhoIsTold(t *testing.T) {
	play(t, "", func(t *testing.T, w *world) {
		hub := pubsub.NewHub()
		sessions := map[string]*session{}
		for name, s := range map[string]*session{
			"of the subject":         {audience: pubsub.Audience{Subjects: []string{"s:a"}}},
			"of the subject as well": {audience: pubsub.Audience{Subjects: []string{"s:b", "s:a"}, Acks: []string{"a:x", "other:ack"}}},
			"with all labels":        {audience: pubsub.Audience{Subjects: []string{"s:a"}, Acks: []string{"my:ack", "other:ack"}}},
			"of another subject":     {audience: pubsub.Audience{Subjects: []string{"s:b", "s:ab", "s"}, Acks: []string{"my:ack"}}},
		} {
			sessions[name] = s
			hub.Subscribe(s, &pubsub.Want{Namespaces: []string{"n"}})
		}
		w.options.Publisher = hub
		w.run()
		w.policy("n:p:q", subject{"e", "s:a", 3 * time.Hour, askingTwo})
		w.until(2*time.Hour + 5*time.Second)
		const begin, end = `{"topic":"n/p:q/policies/announcements/subjectDeletion","headers":{"correlation-id":"…","requested-acks":`,
			`,"timeout":"10s"},"path":"/","value":{"deleteAt":"2000-01-01T03:00:00Z","subjectIds":["s:a"]}}`
		for name, want := range map[string][]string{
			"of the subject":         {begin + `[]` + end},
			"of the subject as well": {begin + `["other:ack"]` + end},
			"with all labels":        {begin + `["my:ack","other:ack"]` + end},
			"of another subject":     nil,
		} {
			got := sessions[name].got
			for i, text := range got {
				before, rest, _ := strings.Cut(text, `"correlation-id":"`)
				_, after, _ := strings.Cut(rest, `"`)
				got[i] = before + `"correlation-id":"…"` + after
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}
