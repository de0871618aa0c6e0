package expiry

import (
	"errors"
	"slices"
	"time"

	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/store"
)

// ward is a policy for some of whose subjects there is something to do.
type ward struct {
	id      string
	leavers []*leaver
	// changed says that the policy is not what the leavers were taken from.
	changed bool
	// hurried says that there is no room for the ward: it is only there for
	// subjects that have expired, which are removed without an announcement.
	hurried bool
	// due is since when the policy is due as it was last seen, if that was in
	// the past: what the index tells of it is then known.
	due time.Time
	// loadAt is when the next of its subjects is to become a leaver; zero: never.
	loadAt time.Time
	// loadWait is how long it takes until the policy is loaded again after that
	// has failed, zero if it has not.
	loadWait time.Duration
	removing int // removals that are not done

	at    time.Time // when it is attended to, zero if that depends on others
	place int       // on the agenda
}

func (c *Custodian) newWard(id string) *ward {
	w := &ward{id: id, place: nowhere}
	c.wards[id] = w
	return w
}

// attend does what is to be done for a ward, and says when next.
func (c *Custodian) attend(w *ward, now time.Time) {
	if w.removing == 0 && (w.changed || reached(w.loadAt, now)) {
		c.load(w, now)
	}
	for _, l := range w.leavers {
		c.advance(l, now)
	}
	c.dismiss(w, func(l *leaver) bool { return l.phase == over })
	c.arrange(w, now)
}

// arrange puts a ward on the agenda, or lets go of it. While it is changed by
// removals it is not looked at: the last of them asks for that.
func (c *Custodian) arrange(w *ward, now time.Time) {
	grace := c.settings.Load().GracePeriod
	var at time.Time
	for _, l := range w.leavers {
		at = earliest(at, l.wake(grace))
	}
	if w.removing == 0 {
		at = earliest(at, w.loadAt)
		if w.changed {
			at = now
		}
	}
	c.agenda.put(w, at)
	if at.IsZero() && w.removing == 0 {
		delete(c.wards, w.id)
	}
}

// dismiss removes leavers of a ward.
func (c *Custodian) dismiss(w *ward, gone func(*leaver) bool) {
	before := len(w.leavers)
	w.leavers = slices.DeleteFunc(w.leavers, func(l *leaver) bool {
		if !gone(l) {
			return false
		}
		if l.attempt != nil {
			c.attempts.close(l.attempt)
			l.attempt = nil // it may have been answered, which no longer matters
		}
		return true
	})
	c.leavers -= before - len(w.leavers)
}

// load takes the leavers of a ward from its policy as it is now.
func (c *Custodian) load(w *ward, now time.Time) {
	due, p, err := c.read(w, now)
	if err != nil {
		c.hooks.Failed(err)
		w.loadWait = c.longer(w.loadWait, maxWorkBackoff)
		w.loadAt, w.changed = now.Add(w.loadWait), false
		return
	}
	w.changed, w.loadWait, w.loadAt, w.due = false, 0, time.Time{}, time.Time{}
	r := c.roll(w, p, now)
	c.dismiss(w, func(l *leaver) bool { return !r.keeps(l, now) })
	later := due.After(now) && due.After(c.index.seen)
	switch {
	case due.IsZero():
	case !w.hurried && !later:
		w.due, w.loadAt = due, r.next
	case later || !due.After(c.index.seen):
		c.index.note(due, now)
	}
}

// read returns since when the policy of a ward is due, zero if it is not or
// does not exist, and the policy itself as far as it matters, else nil.
func (c *Custodian) read(w *ward, now time.Time) (time.Time, *model.Policy, error) {
	rec, err := c.store.Load(store.Key{Kind: store.Policy, ID: w.id})
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, nil, nil
	}
	if err != nil {
		return time.Time{}, nil, err
	}
	if rec.Deleted || !reached(rec.Due, now) && len(w.leavers) == 0 {
		return rec.Due, nil, nil
	}
	p, err := (*policy.State)(&rec).Policy()
	return rec.Due, p, err
}

// roll is what a policy says about its leavers.
type roll struct {
	// present are the ids of all its subjects.
	present map[string]bool
	// listed are those of the leavers that are in the policy.
	listed map[identity]*leaver
	// next is when the next subject is to become a leaver, zero for never.
	next time.Time
}

// roll makes leavers of those subjects of a policy whose time has come and are
// not, and tells those that were the entries they are in. The policy is nil if
// there is none.
func (c *Custodian) roll(w *ward, p *model.Policy, now time.Time) roll {
	r := roll{present: map[string]bool{}, listed: map[identity]*leaver{}}
	if p == nil {
		return r
	}
	known := make(map[identity]*leaver, len(w.leavers))
	for _, l := range w.leavers {
		if !l.left() {
			known[l.identity()] = l
		}
	}
	for i := range p.Entries {
		for _, s := range p.Entries[i].Subjects {
			r.present[s.ID] = true
			if w.hurried {
				s.Announcement = nil
			}
			begin := begins(p.ID, &s)
			if begin.After(now) {
				r.next = earliest(r.next, begin)
			}
			if !reached(begin, now) {
				continue
			}
			l := r.list(known, &s, now)
			if l.ward == nil {
				c.admit(w, l)
			}
			l.entries = append(l.entries, p.Entries[i].Label)
		}
	}
	return r
}

// begins returns when a subject becomes a leaver, zero for never.
func begins(policyID string, s *model.Subject) time.Time {
	if at, ok := s.AnnounceAt(policyID); ok {
		return at
	}
	return s.Expiry
}

// list returns the leaver that a subject is, which has no ward if it is new.
// Subjects of several entries that are the same are one leaver.
func (r *roll) list(known map[identity]*leaver, s *model.Subject, now time.Time) *leaver {
	id := identityOf(s)
	if l := r.listed[id]; l != nil {
		return l
	}
	l := known[id]
	if l == nil {
		l = newLeaver(s, now)
	} else {
		l.entries = nil // removals hold what was there
	}
	r.listed[id] = l
	return l
}

// admit adds a leaver to a ward.
func (c *Custodian) admit(w *ward, l *leaver) {
	l.ward = w
	w.leavers = append(w.leavers, l)
	c.leavers++
}

// keeps reports whether there still is something to do for a leaver. One that
// has just disappeared from its policy has been removed by a command, unless it
// is another subject with the same id now, or it was removed by us.
func (r *roll) keeps(l *leaver, now time.Time) bool {
	switch {
	case !l.left() && r.listed[l.identity()] == l:
		return true
	case l.sent == 0:
		return l.left() // and is still to be told
	case r.present[l.id] || l.removalWait > 0:
		return false
	}
	l.leave(now)
	return true
}
