package policy

import "github.com/twinway/twinway/internal/gateway/protocol"

// Past knows former states of the policy that a command is about.
type Past interface {
	// At returns the state of the policy at a moment before its current one, nil if it is not known or the policy did not exist
	// then.
	At(m protocol.Moment) *State
}

// goBack has a retrieve decided on the state that it wants. Protocol rules: who may read it is what the current policy
// says; the current state is no history.
func (d *decision) goBack() *protocol.Error {
	if d.At == nil || d.At.Covers(d.state.Revision, d.state.Modified, d.now) {
		return nil
	}
	var past *State
	if d.who.Past != nil && !d.At.Future(d.now) {
		past = d.who.Past.At(*d.At)
	}
	if !past.Exists() {
		return protocol.ErrPolicyHistoryNotFound(d.ID)
	}
	d.state, d.historical = past, true
	return nil
}
