package broker

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// TestEnds says how waits end: what the owner is told, once, and what is counted. Steps after the end change nothing.
func TestEnds(t *testing.T) {
	respond := func(w *asking) { w.Respond(response(200), "yes") }
	other := func(w *asking) { w.Respond(response(404), "no") }
	store := func(w *asking) { w.Put(persisted()) }
	mine := func(w *asking) { w.Put(ack.Ack{Label: "my:ack", Status: 202}) }
	fail := func(w *asking) { w.Fail(protocol.ErrThingNotFound(thing)) }
	mismatch := func(w *asking) { w.Mismatch("Its path differs.") }
	later := func(d time.Duration) func(*asking) {
		return func(*asking) { time.Sleep(d); synctest.Wait() }
	}
	over := later(10*time.Second + 10*time.Millisecond)
	type steps []func(*asking)
	for name, c := range map[string]struct {
		live   bool
		labels []string
		steps  steps
		told   string
		counts string
	}{
		"a response":                                          {true, nil, steps{respond}, "original yes", "answered:1"},
		"two responses":                                       {true, nil, steps{respond, other}, "original yes", "answered:1 unknown:1"},
		"a response and then a failure":                       {true, nil, steps{respond, fail}, "original yes", "answered:1"},
		"a failure and then a response":                       {true, nil, steps{fail, respond}, "things:thing.notfound", "failed:1 unknown:1"},
		"two failures":                                        {true, nil, steps{fail, fail}, "things:thing.notfound", "failed:1"},
		"no response":                                         {true, nil, steps{over}, "command.timeout", "timed-out:1"},
		"a response too late":                                 {true, nil, steps{over, respond}, "command.timeout", "timed-out:1 unknown:1"},
		"a response in the last moment":                       {true, nil, steps{later(10*time.Second - 1), respond, over}, "original yes", "answered:1"},
		"one that does not fit":                               {true, nil, steps{mismatch, over}, "command.timeout: Its path differs.", "timed-out:1 mismatched:1"},
		"one that fits behind one":                            {true, nil, steps{mismatch, respond}, "original yes", "answered:1 mismatched:1"},
		"one that does not fit too late":                      {true, nil, steps{over, mismatch}, "command.timeout", "timed-out:1 unknown:1"},
		"nobody responds to who asks for no acknowledgements": {true, []string{}, steps{over}, "command.timeout", "timed-out:1"},

		"all acknowledgements": {false, []string{"my:ack", twinPersisted}, steps{store, mine, mine}, "my:ack=202 twin-persisted=204", "answered:1"},
		"some of them":         {false, []string{"my:ack", twinPersisted}, steps{store, over, mine}, "my:ack=408 twin-persisted=204", "timed-out:1"},
		"a response among them": {true, []string{"my:ack"}, steps{respond, other, mine}, "my:ack=202 live-response=200",
			"answered:1 repeated:1"},
		"a failure among them":    {true, []string{"my:ack"}, steps{mine, fail}, "things:thing.notfound", "failed:1"},
		"what nobody waits for":   {false, []string{"my:ack"}, steps{store, mine}, "my:ack=202", "answered:1"},
		"a response unasked":      {true, []string{"my:ack", twinPersisted}, steps{respond, mine}, "my:ack=202", "answered:1 repeated:1"},
		"still open":              {true, nil, steps{later(10*time.Second - 1)}, "", ""},
		"open in spite of an ack": {true, []string{"my:ack"}, steps{mine}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, Options{}, func(w *world) {
				a := w.open(w.member(), terms(c.live, "c", c.labels...))
				for _, step := range c.steps {
					step(a)
					w.verify()
				}
				if got := a.told(); got != c.told {
					t.Errorf("told %q, want %q", got, c.told)
				}
				if got := w.told(); got != c.counts {
					t.Errorf("counted %q, want %q", got, c.counts)
				}
				if c.told != "" {
					w.empty()
				}
			})
		})
	}
}

// TestInstead says what comes of a response that there is in place of a missing one.
func TestInstead(t *testing.T) {
	for name, c := range map[string]struct {
		labels []string
		with   func(*asking)
		ok     bool
		asked  int
		told   string
		counts string
	}{
		"nobody responds":      {nil, func(*asking) {}, true, 1, "original twin", "timed-out:1"},
		"neither responds":     {nil, func(*asking) {}, false, 1, "command.timeout", "timed-out:1"},
		"a device responds":    {nil, func(a *asking) { a.Respond(response(200), "device") }, true, 0, "original device", "answered:1"},
		"one of many":          {[]string{"my:ack"}, func(*asking) {}, true, 1, "my:ack=408 live-response=203", "timed-out:1"},
		"one that is not met":  {[]string{"my:ack"}, func(a *asking) { a.Respond(response(200), 0) }, true, 0, "my:ack=408 live-response=200", "timed-out:1"},
		"one that is not owed": {[]string{"my:ack", twinPersisted}, func(*asking) {}, true, 0, "my:ack=408", "timed-out:1"},
		"what does not fit": {nil, func(a *asking) { a.Mismatch("It is odd.") }, false, 1, "command.timeout: It is odd.",
			"timed-out:1 mismatched:1"},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, Options{}, func(w *world) {
				asked, of := 0, terms(true, "c", c.labels...)
				of.Instead = func() (ack.Ack, any, bool) { asked++; return response(203), "twin", c.ok }
				a := w.open(w.member(), of)
				c.with(a)
				time.Sleep(11 * time.Second)
				synctest.Wait()
				if got := a.told(); got != c.told || asked != c.asked {
					t.Errorf("told %q, asked %d times; want %q, %d", got, asked, c.told, c.asked)
				}
				if got := w.told(); got != c.counts {
					t.Errorf("counted %q, want %q", got, c.counts)
				}
				w.empty()
			})
		})
	}
}

// TestInsteadIsLate lets the device respond while the twin is asked.
func TestInsteadIsLate(t *testing.T) {
	inTime(t, Options{}, func(w *world) {
		device, of := w.member(), terms(true, "c")
		of.Instead = func() (ack.Ack, any, bool) {
			w.Find(device.party, "c").Respond(response(200), "device")
			return response(203), "twin", true
		}
		a := w.open(w.member(), of)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if got := a.told(); got != "original device" {
			t.Errorf("told %q", got)
		}
		w.empty()
	})
}

// TestReceived checks that the time of a wait begins when its message was received.
func TestReceived(t *testing.T) {
	inTime(t, Options{}, func(w *world) {
		m, of := w.member(), terms(true, "c")
		of.Received = of.Received.Add(-9 * time.Second)
		a := w.open(m, of)
		of.Received, of.CorrelationID = of.Received.Add(-time.Hour), "late"
		late := w.open(m, of)
		time.Sleep(20 * time.Millisecond)
		if a.told() != "" || late.told() != "command.timeout" {
			t.Errorf("told %q and %q", a.told(), late.told())
		}
		time.Sleep(time.Second)
		if a.told() != "command.timeout" {
			t.Errorf("told %q", a.told())
		}
		w.empty()
	})
}

// TestDoneReuses checks that the owner may open the next wait with the same correlation id while it is told.
func TestDoneReuses(t *testing.T) {
	w := newWorld(t, Options{MaxWaits: 1})
	m, next := w.member(), &asking{}
	of := terms(true, "c")
	of.Done = func(ack.Result, any) { next = w.open(m, terms(true, "c")) }
	first, err := w.Open(m.party, of)
	if err != nil {
		t.Fatal(err)
	}
	first.Respond(response(200), "yes")
	if next.Wait == nil || next.CorrelationID() != "c" {
		t.Fatalf("the next is %+v", next.Wait)
	}
	w.verify()
}

// TestRequest checks that a response is brought together with what it answers, and that no owner at all is no fault.
func TestRequest(t *testing.T) {
	w := newWorld(t, Options{})
	m, of := w.member(), terms(true, "c")
	of.Request = "command"
	wait, err := w.Open(m.party, of)
	if err != nil {
		t.Fatal(err)
	}
	found := w.Find(w.member().party, "c")
	if found != wait || found.Request() != "command" {
		t.Errorf("found %+v", found)
	}
	found.Respond(response(200), "yes")
	w.empty()
}
