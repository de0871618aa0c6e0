package thing

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Limits bound a thing.
type Limits struct {
	// MaxSize is the largest size of a thing and of a merge patch, in UTF-16 code units of the compact JSON. It must be
	// positive.
	MaxSize int
}

// DefaultMaxSize is the usual value of Limits.MaxSize.
const DefaultMaxSize = 100 << 10

// Decide says what the command, sent by who, does to a thing in state st, nil if it never existed, at the time now. It
// changes neither.
//
// First it matters whether the thing exists, then whether the requester may do what they ask for, then what the conditional
// headers say, in the order of the protocol, condition, if-match, if-none-match, those of a patch, if-equal.
func Decide(st *State, c *Command, who Authority, now time.Time, lim Limits) (Outcome, *protocol.Error) {
	return DecidePast(st, c, who, now, lim, nil)
}

// DecidePast is Decide for a command that may ask for a state of the past. The past, which may be nil, is asked after the
// thing was found and the requester permitted, and only if it is not the current state that is wanted.
func DecidePast(st *State, c *Command, who Authority, now time.Time, lim Limits, past Past) (Outcome, *protocol.Error) {
	now = now.UTC()
	if c.placeholders {
		resolved, err := c.resolve(now)
		if err != nil {
			return Outcome{}, err
		}
		c = resolved
	}
	d := decision{Command: c, state: st, who: who, now: now, limits: lim, past: past}
	if d.creates() {
		return d.withMetadata(d.create())
	}
	if !st.Exists() {
		return Outcome{}, protocol.ErrThingNotFound(c.ID)
	}
	if err := d.authorize(); err != nil {
		return Outcome{}, err
	}
	if err := d.authorizeMetadata(); err != nil {
		return Outcome{}, err
	}
	if err := d.goBack(); err != nil {
		return Outcome{}, err
	}
	if err := d.checkCondition(); err != nil {
		return Outcome{}, err
	}
	d.old, d.present = d.state.part(c.Path.Pointer)
	if c.IsQuery() {
		return d.retrieve()
	}
	if err := c.precondition(d.current()); err != nil {
		return Outcome{}, err
	}
	switch c.Action {
	case protocol.Modify:
		return d.withMetadata(d.modify())
	case protocol.Merge:
		return d.withMetadata(d.merge())
	case protocol.Delete:
		return d.withMetadata(d.delete())
	}
	return Outcome{}, protocol.ErrInternal() // NewCommand makes no others
}

// decision is a command in the face of a state.
type decision struct {
	*Command

	state  *State
	who    Authority
	now    time.Time
	limits Limits
	past   Past
	// historical says that the state is not the current one.
	historical bool
	// policyID is that of the thing, and rights are the requester's under it, once authorize was called.
	policyID string
	rights   *enforcer.Rights
	// old is the value at the command's path, nil unless present.
	old     []byte
	present bool
}

// creates reports whether the command creates the thing, or tries to.
//
// Protocol rule: modify and merge of a whole thing that does not exist are its creation.
func (d *decision) creates() bool {
	switch d.Action {
	case protocol.Create:
		return true
	case protocol.Modify, protocol.Merge:
		return d.Path.Kind == protocol.Root && !d.state.Exists()
	}
	return false
}

// change returns the outcome of a modification of an existing thing that makes it doc and leaves value at the command's
// path, nil for none.
func (d *decision) change(doc, value []byte, event Event, status int) Outcome {
	next := d.state.after(doc, d.now)
	event.Path = d.Path
	response := Response{Action: d.Action, Status: status, Revision: next.Revision}
	response.ETag = told(d.tagAfter(next.Revision, value))
	if status == statusCreated {
		response.Value = value
	}
	outcome := Outcome{State: next, PolicyID: d.policyID, Event: &event, Response: response}
	if d.Path.Kind == protocol.Root {
		if id := next.PolicyID(); id != d.policyID {
			outcome.NextPolicyID = id
		}
	}
	return outcome
}

// checkSizes checks a thing, and documents that go with it, against the limit.
func (d *decision) checkSizes(docs ...[]byte) *protocol.Error {
	for _, doc := range docs {
		if len(doc) <= d.limits.MaxSize { // never fewer bytes than UTF-16 code units
			continue
		}
		if size := document.Chars(doc); size > d.limits.MaxSize {
			return protocol.ErrThingTooLarge(size, d.limits.MaxSize)
		}
	}
	return nil
}
