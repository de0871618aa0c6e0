package thing

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Command is what a client wants of one thing. It comes from [NewCommand], which has checked everything that does not
// depend on the thing's state, and is not modified afterwards but for Subject and PolicyMade, and by PolicyElsewhere.
type Command struct {
	// ID is the id of the thing, "namespace:name".
	ID string
	// Namespace and Name are its parts.
	Namespace, Name string
	// Action is Create, Retrieve, Modify, Merge or Delete.
	Action protocol.Action
	// Path says what of the thing the command is about.
	Path protocol.Path
	// Value is canonical JSON; nil for retrieves and deletes. Of the value of a merge nothing is left but what a thing
	// can have.
	Value []byte
	// Fields selects the parts of the response to a retrieve, if HasFields.
	Fields    document.Selector
	HasFields bool
	// At asks for a state of the past, nil for the current one. Only retrieves have it.
	At *protocol.Moment
	// Conditions are the conditional headers.
	Conditions protocol.Conditions
	// Condition must hold for the thing, nil for none. It has no meaning where the thing is created.
	Condition *rql.Predicate
	// LiveChannelCondition says when a retrieve is for the device in place of the twin, nil for never. See Outcome.ForDevice.
	LiveChannelCondition *rql.Predicate
	// PatchConditions say which parts of the value of a merge are applied.
	PatchConditions []PatchCondition
	// AllowPolicyLockout says that the policy in the value need not let the requester change it.
	AllowPolicyLockout bool
	// PolicyMade says that the policy which the command would make has been made for it; see PolicyElsewhere.
	PolicyMade bool
	// Subject is the first authorization subject of who sent the command. The caller sets it before Decide.
	Subject string

	metadata     *metadata // nil if the command says nothing of it
	parts        parts     // of the value at the root
	placeholders bool      // Value holds placeholders and has not been checked yet
}

// NewCommand makes a command of an envelope whose topic is a things command of channel twin for a single thing.
//
// It refuses what no state of the thing could make acceptable: a combination of action and path that the protocol does not
// have, invalid ids and names, values that are missing or cannot be at the path, and headers that are not served.
func NewCommand(env *protocol.Envelope) (*Command, *protocol.Error) {
	t := &env.Topic
	c := &Command{ID: t.EntityID(), Namespace: t.Namespace, Name: t.Name, Action: t.Action}
	if err := c.address(env); err != nil {
		return nil, err
	}
	if err := c.readMetadata(&env.Headers); err != nil {
		return nil, err
	}
	if err := c.readConditions(&env.Headers); err != nil {
		return nil, err
	}
	var err *protocol.Error
	if c.Conditions, err = protocol.ReadConditions(&env.Headers); err != nil {
		return nil, err
	}
	c.AllowPolicyLockout, _ = env.Headers.Bool(protocol.HeaderAllowPolicyLockout)
	switch c.Action {
	case protocol.Retrieve:
		if c.At, err = protocol.ReadMoment(&env.Headers); err != nil {
			return nil, err
		}
		return c, c.readFields(env)
	case protocol.Delete:
		return c, nil
	case protocol.Merge:
		if err := checkPatchType(&env.Headers); err != nil {
			return nil, err
		}
	}
	return c, c.readValue(env)
}

// IsQuery reports whether the command leaves the thing as it is.
func (c *Command) IsQuery() bool { return c.Action == protocol.Retrieve }

// address reads and checks what the command is about.
func (c *Command) address(env *protocol.Envelope) (err *protocol.Error) {
	switch {
	case c.Name == protocol.Wildcard:
		return protocol.ErrTopicUnknown(env.Topic.String(), "Several things can only be retrieved.")
	case c.Action == protocol.Migrate:
		return protocol.ErrTopicUnknown(env.Topic.String(),
			"Definitions are opaque to this server, so there is nothing that it could migrate a thing to.")
	}
	if err = protocol.ValidateID(c.Namespace, c.Name); err != nil {
		return err
	}
	if c.Path, err = protocol.ParsePath(env.Path); err != nil {
		return err
	}
	if !allowed(c.Action, c.Path.Kind) {
		return protocol.ErrUnknownTopicPath(env.Topic.String(), env.Path)
	}
	return c.checkPath()
}

// readFields reads the field selector of a retrieve. Protocol rule: it is ignored where it makes no sense.
func (c *Command) readFields(env *protocol.Envelope) *protocol.Error {
	fields, given, err := fieldsOf(env)
	if err == nil && given && selectable(c.Path.Kind) {
		c.Fields, c.HasFields = fields, true
	}
	return err
}

// readValue reads and checks the value of a modification.
func (c *Command) readValue(env *protocol.Envelope) (err *protocol.Error) {
	if c.Value, err = valueOf(env); err != nil {
		return err
	}
	if c.Action != protocol.Merge && bytes.Contains(c.Value, []byte(placeholderOpen)) {
		// What the value will be is known when the command is decided, but whether it can be is known now.
		c.placeholders = true
		_, err = substitution{}.value(c.Path, c.Value)
		return err
	}
	return c.checkValue()
}

// fieldsOf reads the field selector of an envelope, and reports whether it has one.
func fieldsOf(env *protocol.Envelope) (fields document.Selector, given bool, err *protocol.Error) {
	if !env.HasFields {
		return fields, false, nil
	}
	fields, invalid := document.ParseSelector(env.Fields)
	if invalid != nil {
		return fields, false, protocol.ErrFieldSelectorInvalid(env.Fields)
	}
	return fields, true, nil
}

// valueOf returns the value of an envelope, which must have one, in canonical form.
func valueOf(env *protocol.Envelope) ([]byte, *protocol.Error) {
	if env.Value == nil {
		return nil, protocol.ErrValueMissing()
	}
	value, err := document.Canonical(env.Value)
	if err != nil {
		return nil, protocol.ErrValueInvalid(err.Error())
	}
	return value, nil
}
