package thing

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Past returns the state of a thing at a moment before its current one, nil if it is not known or the thing did not exist then.
type Past func(protocol.Moment) *State

// goBack has a retrieve decided on the state that it wants: its conditions, too, are about what it shows.
//
// Protocol rules: who may read a former state is what the current policy says; the current state is no history.
func (d *decision) goBack() *protocol.Error {
	if d.At == nil || d.At.Covers(d.state.Revision, d.state.Modified, d.now) {
		return nil
	}
	var former *State
	if d.past != nil && !d.At.Future(d.now) {
		former = d.past(*d.At)
	}
	if !former.Exists() {
		return protocol.ErrHistoryNotFound(d.ID)
	}
	d.state, d.historical = former, true
	return nil
}

// at returns the state of an existing thing that the command shows, nil if it is not known. The past is not asked for who may
// read nothing of the thing.
func (r *RetrieveThings) at(st *State, rights *enforcer.Rights, now time.Time, past Past) *State {
	switch {
	case r.At == nil || r.At.Covers(st.Revision, st.Modified, now):
		return st
	case past == nil || r.At.Future(now) || !rights.Partial(enforcer.Thing, nil, enforcer.Read):
		return nil
	}
	return past(*r.At)
}
