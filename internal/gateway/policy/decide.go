package policy

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Decide says what the command does to a policy in state st, nil if it never existed, at the time now. It changes neither.
//
// What depends on the state is considered in this order: whether the policy exists, what the requester may do, the
// conditional headers if-match, if-none-match and if-equal, what the value refers to, and at last whether anybody could
// change the policy afterwards.
func Decide(st *State, c *Command, who Requester, now time.Time, s Settings) (Outcome, *protocol.Error) {
	now = now.UTC()
	if c.Value != nil {
		resolved, err := c.resolve(s.reader(&who, now))
		if err != nil {
			return Outcome{}, err
		}
		c = resolved
	}
	d := decision{Command: c, state: st, who: &who, now: now, settings: &s}
	if c.Action == protocol.Create || c.Creates() && !st.Exists() {
		return d.create()
	}
	if !st.Exists() {
		return Outcome{}, protocol.ErrPolicyNotFound(c.ID)
	}
	if err := d.permission(); err != nil {
		return Outcome{}, err
	}
	if err := d.goBack(); err != nil {
		return Outcome{}, err
	}
	d.old, d.present = d.state.part(c.Path)
	if !c.IsQuery() { // what may not be read has no entity tag to be compared with
		if err := c.precondition(d.current()); err != nil {
			return Outcome{}, err
		}
	}
	return d.act()
}

// decision is a command in the face of a state.
type decision struct {
	*Command

	state    *State
	who      *Requester
	now      time.Time
	settings *Settings
	// historical says that the state is not the current one.
	historical bool
	// old is the value at the command's path, nil unless present.
	old     []byte
	present bool
	// before is the policy before the command.
	before *model.Policy
	// resolved is what the policy after the command comes to, nil if that is not known.
	resolved *model.Resolved
}

// act decides a command that is permitted, on a policy that exists.
func (d *decision) act() (Outcome, *protocol.Error) {
	before, err := d.state.Policy()
	if err != nil {
		return Outcome{}, protocol.ErrInternal()
	}
	d.before = before
	switch d.Action {
	case protocol.Retrieve:
		return d.retrieve()
	case protocol.Modify:
		return d.modify()
	case protocol.Delete:
		return d.delete()
	}
	return Outcome{}, protocol.ErrInternal() // NewCommand makes no others
}

// permission checks that the requester may do to an existing policy what the command wants.
//
// Protocol rule: a modification that is not permitted is refused as such, even if its path must not be read.
func (d *decision) permission() *protocol.Error {
	switch p := d.Path.Pointer; {
	case d.IsQuery():
		if !d.who.Rights.Partial(enforcer.Policy, p, enforcer.Read) {
			return protocol.ErrPolicyPartNotReadable(d.ID, d.Path)
		}
	case !d.who.Rights.Unrestricted(enforcer.Policy, p, enforcer.Write):
		return protocol.ErrPolicyPartNotModifiable(d.ID, d.Path)
	}
	return nil
}

// change returns the outcome of a modification of an existing policy that makes it what doc says.
func (d *decision) change(doc []byte, event Event) (Outcome, *protocol.Error) {
	next, err := model.Load(doc)
	if err != nil {
		return Outcome{}, protocol.ErrInternal()
	}
	doc = next.Append(make([]byte, 0, len(doc)))
	if err := d.check(next, doc); err != nil {
		return Outcome{}, err
	}
	event.Path = d.Path
	return Outcome{
		State: d.state.after(next, doc, d.now), Event: &event, Removed: removed(d.before, next),
		Response: Response{Action: d.Action, Path: d.Path, Status: statusNoContent, Revision: d.state.Revision + 1},
	}, nil
}
