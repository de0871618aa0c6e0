package expiry

import (
	"crypto/rand"
	"time"

	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// phase is how far the life of a leaver has come.
type phase uint8

const (
	// toAnnounce: next is when the announcement is made.
	toAnnounce phase = iota
	// toAcknowledge: next is until when the attempt waits.
	toAcknowledge
	// toDelete: next is when the leaver is removed, or forgotten if it was.
	toDelete
	// deleting: removals are to be done.
	deleting
	// over: there is nothing to do any more.
	over
)

// linger is for how long it is remembered that a subject was told of its
// removal, since it may not have been heard yet that a command removed it.
const linger = time.Minute

// leaver is a subject of a policy whose time has come.
type leaver struct {
	ward         *ward
	id           string
	expiry       time.Time // zero: it was only removed
	announcement *model.Announcement
	labels       []string // of the acknowledgements that are requested
	entries      []string // the labels of those it is in
	// removed is when a command removed it, zero if none has; mourned says that
	// it is known whether that is to be announced.
	removed time.Time
	mourned bool

	phase phase
	next  time.Time
	// sent is how often the announcement was made, wait how long it takes until
	// it is made again.
	sent    int
	wait    time.Duration
	attempt *attempt // nil if none waits
	// removing is how many removals are not done, removalWait how long it takes
	// until they are tried again; zero: they were not tried.
	removing    int
	removalWait time.Duration
}

// identity is what makes subjects of a policy the same leaver.
type identity struct {
	id           string
	expiry       time.Time // UTC
	announcement string
}

func newIdentity(id string, expiry time.Time, a *model.Announcement) identity {
	i := identity{id: id, expiry: expiry.UTC()}
	if a != nil {
		i.announcement = string(a.Raw)
	}
	return i
}

func identityOf(s *model.Subject) identity { return newIdentity(s.ID, s.Expiry, s.Announcement) }

func (l *leaver) identity() identity { return newIdentity(l.id, l.expiry, l.announcement) }

// newLeaver returns a subject whose time has come: to be told, or removed.
func newLeaver(s *model.Subject, now time.Time) *leaver {
	l := &leaver{id: s.ID, expiry: s.Expiry, announcement: s.Announcement, phase: toDelete, next: s.Expiry}
	if a := s.Announcement; a != nil {
		l.labels = a.AckLabels
		if a.HasBeforeExpiry && s.Expires() {
			l.phase, l.next = toAnnounce, now
		}
	}
	return l
}

// left reports whether a command removed the leaver.
func (l *leaver) left() bool { return !l.removed.IsZero() }

// leave notes that a command removed the leaver. What is announced of it
// still is, with another time.
func (l *leaver) leave(now time.Time) {
	if l.left() {
		return
	}
	l.removed = now
	if l.phase == toDelete {
		l.next = now.Add(linger)
	}
}

// deleteAt returns when the leaver is, or was, removed.
func (l *leaver) deleteAt() time.Time {
	if l.left() {
		return l.removed
	}
	return l.expiry
}

// wake returns when there is something to do, zero if that depends on others.
func (l *leaver) wake(grace time.Duration) time.Time {
	switch l.phase {
	case toAnnounce, toAcknowledge:
		if end := l.deleteAt().Add(grace); l.next.After(end) {
			return end
		}
		return l.next
	case toDelete:
		return l.next
	default:
		return time.Time{}
	}
}

// advance does all that is to be done for a leaver now.
func (c *Custodian) advance(l *leaver, now time.Time) {
	settings := c.settings.Load()
	for {
		if !reached(l.wake(settings.GracePeriod), now) {
			return
		}
		switch l.phase {
		case toAnnounce:
			if l.deleteAt().Add(settings.GracePeriod).After(now) {
				c.announce(l, settings, now)
			} else {
				c.abandon(l, now)
			}
		case toAcknowledge:
			c.conclude(l, now)
		default:
			c.delete(l)
		}
	}
}

// announce makes the announcement.
func (c *Custodian) announce(l *leaver, s *Settings, now time.Time) {
	l.sent++
	d := c.deletion(l, s, now)
	if len(l.labels) == 0 {
		c.hooks.Acknowledged()
		l.settle(now)
		return
	}
	l.attempt = c.attempts.open(d.correlationID, l)
	l.phase, l.next = toAcknowledge, now.Add(d.timeout)
}

// deletion has a leaver's announcement published.
func (c *Custodian) deletion(l *leaver, s *Settings, now time.Time) *deletion {
	d := &deletion{
		policyID: l.ward.id, subject: l.id, deleteAt: l.deleteAt(), now: now,
		labels: l.labels, correlationID: rand.Text(),
	}
	if len(l.labels) > 0 {
		d.timeout = s.attempt(l.announcement.AckTimeout)
	}
	c.outgoing = append(c.outgoing, &pubsub.Signal{Namespace: protocol.NamespaceOf(d.policyID), Body: d})
	c.hooks.Announced()
	return d
}

// conclude ends an attempt, and does what its answers say.
func (c *Custodian) conclude(l *leaver, now time.Time) {
	answers := c.attempts.close(l.attempt)
	l.attempt = nil
	switch judge(answers) {
	case positive:
		c.hooks.Acknowledged()
		l.settle(now)
	case final:
		c.abandon(l, now)
	default:
		l.wait = c.longer(l.wait, maxBackoff)
		l.phase, l.next = toAnnounce, now.Add(l.wait)
	}
}

// abandon makes no announcement any more.
func (c *Custodian) abandon(l *leaver, now time.Time) {
	c.hooks.Abandoned()
	l.settle(now)
}

// settle waits for nothing any more but the time of the removal.
func (l *leaver) settle(now time.Time) {
	l.phase = toDelete
	switch {
	case !l.left():
		l.next = l.expiry
	case l.mourned:
		l.next = now
	default:
		l.next = now.Add(linger)
	}
}

// delete removes a leaver from its entries, or forgets it if it was removed.
func (c *Custodian) delete(l *leaver) {
	if l.left() {
		l.phase = over
		return
	}
	l.phase, l.removing = deleting, len(l.entries)
	l.ward.removing += len(l.entries)
	for _, entry := range l.entries {
		c.removals.add(l, entry)
	}
}

// mourn announces to a subject that a command removed it, unless it was told
// before. Without room to wait for an acknowledgement it is told once.
func (c *Custodian) mourn(d *departure, now time.Time) {
	w := c.wards[d.policyID]
	if w != nil && w.told(&d.Subject, now) {
		c.agenda.put(w, now)
		return
	}
	l := newLeaver(&d.Subject, now)
	l.removed, l.mourned = now, true
	l.phase, l.next = toAnnounce, now
	if c.room() <= 0 {
		l.ward = &ward{id: d.policyID}
		c.deletion(l, c.settings.Load(), now)
		c.hooks.Abandoned()
		return
	}
	if w == nil {
		w = c.newWard(d.policyID)
	}
	c.admit(w, l)
	c.agenda.put(w, now)
}

// told reports whether a subject that a command removed was told, or is being
// told.
func (w *ward) told(s *model.Subject, now time.Time) bool {
	told := false
	for _, l := range w.leavers {
		if l.id == s.ID && l.expiry.Equal(s.Expiry) && l.sent > 0 {
			told, l.mourned = true, true
			l.leave(now)
		}
	}
	return told
}
