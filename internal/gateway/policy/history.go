package policy

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Moment is a moment in the life of a policy.
type Moment struct {
	// Revision is that of the policy then, if it is not zero. Otherwise Time is what counts.
	Revision int64
	Time     time.Time
}

// readMoment reads which state of the policy a retrieve wants, nil for the current one. Protocol rule: the revision comes
// before the time. Modifications are always about the current state.
func readMoment(h *protocol.Headers) (*Moment, *protocol.Error) {
	if h.Has(protocol.HeaderAtHistoricalRevision) {
		// A revision that no policy can have is one that is not there.
		revision, _ := h.Int(protocol.HeaderAtHistoricalRevision)
		return &Moment{Revision: max(revision, -1)}, nil
	}
	text, given := h.String(protocol.HeaderAtHistoricalTimestamp)
	if !given {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil, protocol.ErrHeaderInvalid(protocol.HeaderAtHistoricalTimestamp.String(), "It must be a time such as 2026-01-02T03:04:05Z.")
	}
	return &Moment{Time: at}, nil
}

// Covers reports whether an existing state is the one at the moment, given that it is the current one.
func (m *Moment) Covers(st *State, now time.Time) bool {
	if m.Time.IsZero() {
		return m.Revision == st.Revision
	}
	return !m.Time.Before(st.Modified) && !m.Time.After(now)
}

// Past knows former states of the policy that a command is about.
type Past interface {
	// At returns the state of the policy at a moment before its current one, nil if it is not known or the policy did not exist
	// then.
	At(m Moment) *State
}

// goBack has a retrieve decided on the state that it wants. Protocol rules: who may read it is what the current policy
// says; the current state is no history.
func (d *decision) goBack() *protocol.Error {
	if d.At == nil || d.At.Covers(d.state, d.now) {
		return nil
	}
	var past *State
	if d.who.Past != nil && !d.At.Time.After(d.now) {
		past = d.who.Past.At(*d.At)
	}
	if !past.Exists() {
		return protocol.ErrPolicyHistoryNotFound(d.ID)
	}
	d.state, d.historical = past, true
	return nil
}
