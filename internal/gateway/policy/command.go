package policy

import (
	"fmt"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Command is what a client wants of one policy. It comes from [NewCommand], which has checked everything that does not
// depend on the policy's state, the time and the requester, and is not modified afterwards.
type Command struct {
	// ID is the id of the policy, "namespace:name".
	ID string
	// Namespace and Name are its parts.
	Namespace, Name string
	// Action is Create, Retrieve, Modify or Delete.
	Action protocol.Action
	// Path says what of the policy the command is about.
	Path protocol.Path
	// Value is canonical JSON as it was sent; nil for retrieves and deletes.
	Value []byte
	// Fields selects the parts of the response to a retrieve of the whole policy, if HasFields.
	Fields    document.Selector
	HasFields bool
	// Resolved asks for the whole policy together with what it imports.
	Resolved bool
	// At asks for a state of the past, nil for the current one.
	At *protocol.Moment
	// Conditions are the conditional headers.
	Conditions protocol.Conditions
	// AllowLockout says that who creates the policy need not be able to modify it.
	AllowLockout bool
}

// NewCommand makes a command of an envelope whose topic is a policies command for a single policy.
//
// It refuses what no state of the policy could make acceptable: a combination of action and path that the protocol does not
// have, invalid ids, values that are missing or cannot be at the path, and headers that are not served.
func NewCommand(env *protocol.Envelope) (*Command, *protocol.Error) {
	t := &env.Topic
	c := &Command{ID: t.EntityID(), Namespace: t.Namespace, Name: t.Name, Action: t.Action}
	if err := c.address(env); err != nil {
		return nil, err
	}
	if err := c.readHeaders(&env.Headers); err != nil {
		return nil, err
	}
	switch c.Action {
	case protocol.Retrieve:
		return c, c.readFields(env)
	case protocol.Delete:
		return c, nil
	}
	return c, c.readValue(env)
}

// IsQuery reports whether the command leaves the policy as it is.
func (c *Command) IsQuery() bool { return c.Action == protocol.Retrieve }

// Creates reports whether the command creates the policy if there is none.
func (c *Command) Creates() bool {
	return c.Path.Kind == protocol.Root && (c.Action == protocol.Create || c.Action == protocol.Modify)
}

// address reads and checks what the command is about.
func (c *Command) address(env *protocol.Envelope) (err *protocol.Error) {
	switch {
	case c.Name == protocol.Wildcard:
		return protocol.ErrTopicUnknown(env.Topic.String(), "A command is about a single policy.")
	case !allowed(c.Action, protocol.Root):
		return protocol.ErrTopicUnknown(env.Topic.String(), "Policies have no such command.")
	}
	if protocol.ValidateID(c.Namespace, c.Name) != nil {
		return protocol.ErrPolicyIDInvalid(c.ID)
	}
	if c.Path, err = protocol.ParsePolicyPath(env.Path); err != nil {
		return err
	}
	if !allowed(c.Action, c.Path.Kind) {
		return protocol.ErrUnknownTopicPath(env.Topic.String(), env.Path)
	}
	return c.checkImportedID()
}

// checkImportedID checks the id of an imported policy in the path.
func (c *Command) checkImportedID() *protocol.Error {
	switch c.Path.Kind {
	case protocol.PolicyImport, protocol.PolicyImportEntries, protocol.PolicyImportTransitiveImports:
		id := c.Path.Pointer[1]
		namespace, name, _ := strings.Cut(id, ":")
		if protocol.ValidateID(namespace, name) != nil {
			return protocol.ErrPolicyIDInvalid(id)
		}
	}
	return nil
}

// readFields reads the field selector of a retrieve. Protocol rule: it is ignored where it makes no sense.
func (c *Command) readFields(env *protocol.Envelope) *protocol.Error {
	if !env.HasFields {
		return nil
	}
	fields, invalid := document.ParseSelector(env.Fields)
	if invalid != nil {
		return protocol.ErrFieldSelectorInvalid(env.Fields)
	}
	if c.Path.Kind == protocol.Root {
		c.Fields, c.HasFields = fields, true
	}
	return nil
}

// readValue reads the value of a modification. Whether it can be at the path is known now, but not what comes of it.
func (c *Command) readValue(env *protocol.Envelope) *protocol.Error {
	if env.Value == nil {
		return protocol.ErrValueMissing()
	}
	value, err := document.Canonical(env.Value)
	if err != nil {
		return protocol.ErrValueInvalid(err.Error())
	}
	c.Value = value
	if err := c.checkType(); err != nil {
		return err
	}
	_, invalid := c.resolve(lenient)
	return invalid
}

// checkType checks that the value as a whole is of the type that the path has.
func (c *Command) checkType() *protocol.Error {
	want, got := document.Object, document.KindOf(c.Value)
	switch c.Path.Kind {
	case protocol.PolicyImportable:
		want = document.String
	case protocol.PolicyNamespaces, protocol.PolicyAllowedAdditions, protocol.PolicyReferences, protocol.PolicyImportEntries,
		protocol.PolicyImportTransitiveImports:
		want = document.Array
	}
	if got == want {
		return nil
	}
	return protocol.ErrJSONFormatInvalid(fmt.Sprintf("The value at %s must be of type %s, not %s.", c.Path, want, got))
}
