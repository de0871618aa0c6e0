package model

import (
	"hash/fnv"
	"io"
	"strconv"
	"time"
)

// defaultRandomization is the span over which announcements are spread unless they say otherwise.
const defaultRandomization = 5 * time.Minute

// Expires reports whether there is a time at which the subject is removed.
func (s *Subject) Expires() bool { return !s.Expiry.IsZero() }

// AnnounceAt returns when it is announced to the subject that it is going to expire. It reports false if that is not
// announced.
//
// Protocol rule: announcements are spread over a span before the time at which they are due, so that many subjects that
// expire together are not told together. The place in the span is the same whenever it is asked for.
func (s Subject) AnnounceAt(policyID string) (time.Time, bool) {
	a := s.Announcement
	if a == nil || !a.HasBeforeExpiry || !s.Expires() {
		return time.Time{}, false
	}
	span := defaultRandomization
	if a.HasRandomization {
		span = a.Randomization
	}
	return s.Expiry.Add(-a.BeforeExpiry - s.share(policyID, span)), true
}

// share returns a part of the span that depends on nothing but the subject, in milliseconds.
func (s Subject) share(policyID string, span time.Duration) time.Duration {
	h := fnv.New64a()
	for _, text := range []string{policyID, s.ID, strconv.FormatInt(s.Expiry.Unix(), 10)} {
		_, _ = io.WriteString(h, text+"\x00")
	}
	return time.Duration(h.Sum64()%uint64(span.Milliseconds()+1)) * time.Millisecond
}

// Due returns the earliest time at which something is to be done for one of the policy's own subjects: to announce its
// expiry, or to remove it. It is zero if there is none.
func (p *Policy) Due() time.Time { return p.DueAfter(time.Time{}) }

// DueAfter is Due for what comes after a time.
func (p *Policy) DueAfter(after time.Time) time.Time {
	var due time.Time
	consider := func(t time.Time) {
		if t.After(after) && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	for i := range p.Entries {
		for _, s := range p.Entries[i].Subjects {
			consider(s.Expiry)
			if at, ok := s.AnnounceAt(p.ID); ok {
				consider(at)
			}
		}
	}
	return due
}

// RoundUp rounds a time up to a multiple of the granularity, and returns it in UTC. It stays as it is if the granularity is
// not positive.
//
// Protocol rule: multiples are counted from the start of the next larger unit: of the second for less than one, then of the
// minute, hour, day and, for days, month. The start of the next such unit is one as well, so that what was rounded once
// stays.
func RoundUp(t time.Time, granularity time.Duration) time.Time {
	t = t.UTC()
	if granularity <= 0 {
		return t
	}
	start, end := unitAround(t, granularity)
	rounded := start.Add(ceil(t.Sub(start), granularity))
	if rounded.After(end) {
		return end
	}
	return rounded
}

// unitAround returns the start of the unit that is larger than the granularity and has t in it, and of the one after it.
func unitAround(t time.Time, granularity time.Duration) (start, end time.Time) {
	for _, unit := range []time.Duration{time.Second, time.Minute, time.Hour, day} {
		if granularity < unit {
			start = t.Truncate(unit)
			return start, start.Add(unit)
		}
	}
	start = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(0, 1, 0)
}
