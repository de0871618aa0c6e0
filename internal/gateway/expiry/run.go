package expiry

import (
	"context"
	"time"
)

const (
	// maxPause is the longest that Run sleeps: the clock may be set, which
	// timers do not notice.
	maxPause = time.Minute
	// maxTurn bounds the wards that are attended to in one turn.
	maxTurn = 1000
)

// Run does the work of the custodian until the context ends, and returns its
// cause. Nothing that was begun goes on thereafter. It is called once.
func (c *Custodian) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer c.attempts.end()
	defer c.removals.wait()
	defer cancel(nil)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-c.inbox.wake:
		case r := <-c.removals.done:
			c.finished(r, clock())
		case <-timer.C:
		}
		timer.Reset(c.turn(ctx, clock()))
	}
}

// clock returns the time of day. Instants of policies are such, and only such
// can be compared with them if the clock is set.
func clock() time.Time { return time.Now().Round(0) }

// turn does everything that is to be done now, up to a bound, and returns how
// long there is nothing to do.
func (c *Custodian) turn(ctx context.Context, now time.Time) time.Duration {
	for c.removals.anyDone() {
		c.finished(<-c.removals.done, now)
	}
	c.takeNotes(now)
	c.takeAnswers(now)
	c.look(now)
	c.sweep(now)
	for range maxTurn {
		w := c.agenda.pop(now)
		if w == nil {
			break
		}
		c.attend(w, now)
	}
	c.removals.start(ctx)
	c.publish()
	return min(max(c.next().Sub(now), 0), maxPause)
}

// next returns when there is something to do.
func (c *Custodian) next() time.Time {
	return earliest(c.index.next, c.index.nextSweep, c.agenda.next())
}

// takeNotes acts on what other goroutines handed over.
func (c *Custodian) takeNotes(now time.Time) {
	notes := c.inbox.take()
	for i := range notes.removed {
		c.mourn(&notes.removed[i], now)
	}
	if notes.overflow {
		c.doubtEverything(now)
	}
	for id, due := range notes.changed {
		c.noteChange(id, due, now)
	}
	if notes.reconfigured {
		for _, w := range c.wards {
			c.arrange(w, now)
		}
	}
}

// noteChange sees to it that a changed policy is looked at when it has to be.
func (c *Custodian) noteChange(id string, due, now time.Time) {
	switch w := c.wards[id]; {
	case w != nil:
		w.changed = true
		c.agenda.put(w, now)
	case due.IsZero():
	case !due.After(c.index.seen) && c.room() > 0:
		// The index need not be looked through again from there.
		c.takeUp(id, false, now)
	default:
		c.index.note(due, now)
	}
}

// doubtEverything looks at everything again, since changes were missed.
func (c *Custodian) doubtEverything(now time.Time) {
	c.index.restart(now)
	for _, w := range c.wards {
		w.changed = true
		c.agenda.put(w, now)
	}
}

// takeAnswers attends to leavers whose announcement was answered.
func (c *Custodian) takeAnswers(now time.Time) {
	for _, a := range c.attempts.takeAnswered() {
		if l := a.leaver; l.attempt == a {
			l.next = now
			c.agenda.put(l.ward, now)
		}
	}
}

// publish sends the announcements of a turn.
func (c *Custodian) publish() {
	if len(c.outgoing) == 0 {
		return
	}
	c.publisher.Publish(c.outgoing)
	clear(c.outgoing)
	c.outgoing = c.outgoing[:0]
}

// earliest returns the first of the times that are not zero, zero if all are.
func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// reached reports whether a time has come, which zero never does.
func reached(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }
