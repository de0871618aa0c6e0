package expiry

import (
	"math"
	"time"

	"github.com/twinway/twinway/internal/gateway/store"
)

const (
	// fullPause is after what time it is looked again whether there is room.
	fullPause = time.Second
	// sweepPause is between two parts of a sweep, so that it does not take all
	// there is of a processor, and sweepInterval between two sweeps.
	sweepPause    = 100 * time.Millisecond
	sweepInterval = 10 * time.Second
)

// forever is later than any timestamp of a policy.
var forever = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// index is how far the store's index of what is due was looked through.
type index struct {
	// seen is up to when everything that is due has become a ward.
	seen time.Time
	// next is when it is to be looked at again, wait how long that takes after
	// it could not be read.
	next time.Time
	wait time.Duration

	// Sweeps pass over what is due and has no room, for what is to be removed.
	swept     time.Time // how far, from seen
	nextSweep time.Time // zero: there is room for all
	sweepSize int
}

// note notes that something is due at a time that is not a ward.
func (x *index) note(due, now time.Time) {
	if x.next.IsZero() {
		return // everything is still to be looked through
	}
	if !due.After(x.seen) {
		x.seen = due.Add(-1)
	}
	x.next = earliest(x.next, latest(due, now))
}

// restart has everything looked through again.
func (x *index) restart(now time.Time) {
	x.seen, x.next = time.Time{}, now
}

// find is a part of what is due.
type find struct {
	ids  []string
	last time.Time // everything that is due before is in ids, or was known
	all  bool      // everything is
}

// search returns what is due after one time and not after another and is not
// known, at most so much.
func (c *Custodian) search(after, until time.Time, limit int) (find, error) {
	f := find{all: true}
	err := c.store.Due(after, until, math.MaxInt, func(key store.Key, due time.Time) bool {
		f.last = due
		if key.Kind != store.Policy || c.knows(key.ID, due) {
			return true
		}
		if len(f.ids) >= limit {
			f.all = false
			return false
		}
		f.ids = append(f.ids, key.ID)
		return true
	})
	return f, err
}

// knows reports whether a policy is a ward, and was looked at since it is due
// then.
func (c *Custodian) knows(id string, due time.Time) bool {
	w := c.wards[id]
	return w != nil && (w.due.Equal(due) || w.loadWait > 0)
}

// room returns for how many wards there is room, which may be negative.
func (c *Custodian) room() int { return c.maxTracked - max(c.leavers, len(c.wards)) }

// look makes wards of what has become due since the last time, as far as there
// is room, and finds out when the next is due.
func (c *Custodian) look(now time.Time) {
	x := &c.index
	if x.next.After(now) {
		return
	}
	room := max(min(c.room(), maxTurn), 0)
	f, err := c.search(x.seen, now, room)
	if err != nil {
		c.lookLater(err, now)
		return
	}
	for _, id := range f.ids {
		c.takeUp(id, false, now)
	}
	switch {
	case f.all:
		c.lookAhead(now)
	case room > 0:
		x.seen, x.next = f.last.Add(-1), now
	default:
		c.hooks.Deferred()
		x.seen, x.next = f.last.Add(-1), now.Add(fullPause)
		x.beginSweep(now)
	}
}

// lookAhead finds out when the next is due, now that all that is has become
// wards.
func (c *Custodian) lookAhead(now time.Time) {
	x := &c.index
	x.seen, x.nextSweep = latest(x.seen, now), time.Time{}
	next, err := c.nextDue(x.seen)
	if err != nil {
		c.lookLater(err, now)
		return
	}
	x.next, x.wait = next, 0
}

// lookLater has the index looked at again after it could not be read.
func (c *Custodian) lookLater(err error, now time.Time) {
	x := &c.index
	c.hooks.Failed(err)
	x.wait = c.longer(x.wait, maxWorkBackoff)
	x.next = now.Add(x.wait)
}

// nextDue returns when the first is due after a time, a time far away if none
// is.
func (c *Custodian) nextDue(after time.Time) (time.Time, error) {
	next := forever
	err := c.store.Due(after, forever, 1, func(_ store.Key, due time.Time) bool {
		next = due
		return false
	})
	return next, err
}

// beginSweep begins a sweep if none is under way.
func (x *index) beginSweep(now time.Time) {
	if x.nextSweep.IsZero() {
		x.swept, x.nextSweep, x.sweepSize = x.seen, now, maxTurn
	}
}

// sweep looks at a part of the policies for which there is no room, for
// subjects that have expired. These are removed at once.
func (c *Custodian) sweep(now time.Time) {
	x := &c.index
	if !reached(x.nextSweep, now) {
		return
	}
	x.nextSweep = now.Add(sweepPause)
	if len(c.removals.waiting) > maxTurn {
		return
	}
	f, err := c.search(x.swept, now, x.sweepSize)
	if err != nil {
		c.hooks.Failed(err)
		x.nextSweep = now.Add(sweepInterval)
		return
	}
	for _, id := range f.ids {
		c.takeUp(id, true, now)
	}
	if f.all {
		x.swept, x.nextSweep = x.seen, now.Add(sweepInterval)
		return
	}
	// What is due at one and the same time cannot be divided, and may be more
	// than a part.
	if before := f.last.Add(-1); before.After(x.swept) {
		x.swept, x.sweepSize = before, maxTurn
	} else {
		x.sweepSize *= 2
	}
}

// takeUp makes a ward of a policy, or has a ward looked at again. One that is
// hurried is there only for what is to be removed.
func (c *Custodian) takeUp(id string, hurried bool, now time.Time) {
	w := c.wards[id]
	if w == nil {
		w = c.newWard(id)
		w.hurried = hurried
	} else if !hurried {
		w.hurried = false
	}
	w.changed = true
	c.agenda.put(w, now)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
