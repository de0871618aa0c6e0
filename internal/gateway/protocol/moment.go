package protocol

import "time"

// Moment is a moment in the life of an entity.
type Moment struct {
	// Revision is that of the entity then, if it is not zero. Otherwise Time is what counts.
	Revision int64
	Time     time.Time
}

// ReadMoment reads which state of an entity a retrieve wants, nil for the current one. Protocol rule: the revision comes
// before the time. The error is header.invalid for a time that cannot be read, also if it does not count.
func ReadMoment(h *Headers) (*Moment, *Error) {
	var m *Moment
	if text, given := h.String(HeaderAtHistoricalTimestamp); given {
		at, ok := ParseInstant(text)
		if !ok {
			return nil, ErrHeaderInvalid(HeaderAtHistoricalTimestamp.String(), "It must be a time such as 2026-01-02T03:04:05Z.")
		}
		m = &Moment{Time: at}
	}
	if h.Has(HeaderAtHistoricalRevision) {
		// A revision that no entity can have is one that is not there.
		revision, _ := h.Int(HeaderAtHistoricalRevision)
		if revision < 1 {
			revision = -1
		}
		m = &Moment{Revision: revision}
	}
	return m, nil
}

// Covers reports whether the current state of an entity, with the given revision and time of its last change, is the one at
// the moment, seen from now.
func (m *Moment) Covers(revision int64, modified, now time.Time) bool {
	if m.Revision != 0 {
		return m.Revision == revision
	}
	return !m.Time.Before(modified) && !m.Time.After(now)
}

// Future reports whether the moment is a time that is still to come.
func (m *Moment) Future(now time.Time) bool { return m.Revision == 0 && m.Time.After(now) }

// ParseInstant reads a time as clients write it: ISO 8601 with a zone, and with up to nine digits for the fraction of the second.
func ParseInstant(text string) (time.Time, bool) {
	var at time.Time
	if len(text) > maxTimestamp || at.UnmarshalText([]byte(text)) != nil {
		return time.Time{}, false
	}
	return at, true
}
