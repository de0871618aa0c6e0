package thing

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// NewLiveCommand is [NewCommand] for a command of channel live, which a device executes. Its value is the one that was sent, in
// canonical form: placeholders are the device's to replace, and members that a thing cannot have are its to ignore. Of the
// headers those count that say whether the command reaches the device.
func NewLiveCommand(env *protocol.Envelope) (*Command, *protocol.Error) {
	c, err := NewLivePart(env, env.Topic.Action)
	if err != nil {
		return nil, err
	}
	h := &env.Headers
	if h.Has(protocol.HeaderLiveChannelCondition) && !c.IsQuery() {
		return nil, protocol.ErrLiveChannelConditionNotAllowed()
	}
	if c.Action != protocol.Create {
		if c.Condition, err = conditionOf(h); err != nil {
			return nil, err
		}
	}
	switch c.Action {
	case protocol.Retrieve:
		return c, c.readFields(env)
	case protocol.Delete:
		return c, nil
	case protocol.Merge:
		if err := checkPatchType(h); err != nil {
			return nil, err
		}
	}
	return c, c.TakeLiveValue(env)
}

// NewLivePart returns a command without a value that does the action to what the envelope of channel live is about, which need
// not be a command. It refuses ids, paths and names that are not valid, and paths at which there is no such action.
func NewLivePart(env *protocol.Envelope, action protocol.Action) (*Command, *protocol.Error) {
	t := &env.Topic
	c := &Command{ID: t.EntityID(), Namespace: t.Namespace, Name: t.Name, Action: action}
	if err := c.address(env); err != nil {
		return nil, err
	}
	return c, nil
}

// TakeLiveValue takes the value of the envelope in canonical form. It refuses one that the command cannot have.
func (c *Command) TakeLiveValue(env *protocol.Envelope) *protocol.Error {
	value, err := valueOf(env)
	if err != nil {
		return err
	}
	c.Value = value
	err = c.checkValue()
	c.Value = value // what was sent, not what a thing would keep of it
	return err
}

// AuthorizeLive checks whether a requester with the rights may send the command to the device. Protocol rule: it is permitted
// what is permitted to happen to the twin. What the twin holds does not matter.
func (c *Command) AuthorizeLive(rights *enforcer.Rights) *protocol.Error {
	d := decision{Command: c, state: &State{}, rights: rights}
	return d.authorizeAction()
}

// VisibleLive returns what of a value that a device retrieved for the command a requester with the rights may read, and reports
// whether that is anything.
func (c *Command) VisibleLive(value []byte, rights *enforcer.Rights) ([]byte, bool) {
	return rights.View(enforcer.Thing, c.Path.Pointer, value, alwaysVisible...)
}

// ErrAbsent is the error for a requester who may not read what a device has retrieved for the command. Protocol rule: it is that
// for something that is not there.
func (c *Command) ErrAbsent() *protocol.Error {
	return c.errAbsentAt(func(document.Pointer) bool { return true })
}
