package policies

import (
	"context"
	"strings"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// maxChecks is how many permissions can be checked by one command.
const maxChecks = 100

// checkPermissions answers which of the listed things the requester may do.
//
// Protocol rules: permissions must be unrestricted; entries hold irrespective
// of their namespaces; what does not exist, or may not be known, is not
// permitted.
func (s *Service) checkPermissions(ctx context.Context, x *exchange.Exchange, env *protocol.Envelope) {
	checks, err := newChecks(env)
	if err == nil {
		err = x.Prepare(ack.PolicyQuery, s.settings.Load().Timeout)
	}
	if err != nil {
		x.Refuse(err)
		return
	}
	deadline := x.Deadline()
	who := s.authority.On(x.From, nil)
	value := []byte{'{'}
	for i, c := range checks {
		if now := s.clock(); ctx.Err() != nil || now.After(deadline) {
			x.Fail(protocol.ErrCommandTimeout(x.Plan.Wait))
			return
		}
		if i > 0 {
			value = append(value, ',')
		}
		value = append(document.AppendString(value, c.name), ':')
		if x.From.MayAccess(c.group, protocol.NamespaceOf(c.entityID)) && c.holds(who) {
			value = append(value, "true"...)
		} else {
			value = append(value, "false"...)
		}
	}
	if who.Err() != nil {
		x.Fail(protocol.ErrInternal())
		return
	}
	x.Respond(exchange.Result{Action: protocol.CheckPermissions, Status: 200, Value: append(value, '}')})
}

// check is one question.
type check struct {
	name        string
	group       protocol.Group
	entityID    string
	resource    enforcer.ResourceType
	path        document.Pointer
	permissions enforcer.Permissions
	unknown     bool // there is a permission that nobody can have
}

func (c *check) holds(who *authority.Requester) bool {
	if c.unknown {
		return false
	}
	id := c.entityID
	if c.group == protocol.Things {
		id = who.GoverningPolicy(id)
	}
	return id != "" && who.Rights(id).Unrestricted(c.resource, c.path, c.permissions)
}

// newChecks reads the questions in the value of an envelope.
func newChecks(env *protocol.Envelope) ([]check, *protocol.Error) {
	if path, err := protocol.ParsePolicyPath(env.Path); err != nil || path.Kind != protocol.Root {
		return nil, protocol.ErrUnknownTopicPath(env.Topic.String(), env.Path)
	}
	if env.Value == nil {
		return nil, protocol.ErrValueMissing()
	}
	value, invalid := document.Canonical(env.Value)
	if invalid != nil {
		return nil, protocol.ErrValueInvalid(invalid.Error())
	}
	if document.KindOf(value) != document.Object {
		return nil, protocol.ErrJSONFormatInvalid("The value must be an object of checks by name.")
	}
	var checks []check
	for name, raw := range document.Members(value) {
		if len(checks) == maxChecks {
			return nil, protocol.ErrJSONFormatInvalid("There are too many checks.")
		}
		c, err := newCheck(name, raw)
		if err != nil {
			return nil, err
		}
		checks = append(checks, c)
	}
	return checks, nil
}

func newCheck(name string, raw []byte) (check, *protocol.Error) {
	c := check{name: name}
	if document.KindOf(raw) != document.Object {
		return c, protocol.ErrJSONFormatInvalid("The check " + name + " must be an object.")
	}
	resource, err := text(raw, "resource")
	if err != nil {
		return c, err
	}
	if c.entityID, err = text(raw, "entityId"); err != nil {
		return c, err
	}
	kind, path, _ := strings.Cut(resource, ":")
	c.group = protocol.Things
	switch kind {
	case "thing":
		c.resource = enforcer.Thing
	case "message":
		c.resource = enforcer.Message
	case "policy":
		c.resource, c.group = enforcer.Policy, protocol.Policies
	default:
		return c, protocol.ErrJSONFormatInvalid("The resource of the check " + name + " must be of type thing, message or policy.")
	}
	pointer, invalid := document.ParsePointer(path)
	if invalid != nil {
		return c, protocol.ErrPointerInvalid(path)
	}
	c.path = pointer
	return c, c.readPermissions(raw)
}

func (c *check) readPermissions(raw []byte) *protocol.Error {
	list, ok := document.Get(raw, document.Pointer{"hasPermissions"})
	if !ok {
		return protocol.ErrFieldMissing("hasPermissions")
	}
	if document.KindOf(list) != document.Array {
		return protocol.ErrJSONFormatInvalid("The permissions of the check " + c.name + " must be an array.")
	}
	for element := range document.Elements(list) {
		switch string(element) {
		case `"READ"`:
			c.permissions |= enforcer.Read
		case `"WRITE"`:
			c.permissions |= enforcer.Write
		case `"EXECUTE"`:
			c.permissions |= enforcer.Execute
		default:
			c.unknown = true
		}
	}
	return nil
}

// text returns a member that must be a string.
func text(raw []byte, name string) (string, *protocol.Error) {
	member, ok := document.Get(raw, document.Pointer{name})
	if !ok {
		return "", protocol.ErrFieldMissing(name)
	}
	s, err := document.Unquote(member)
	if err != nil {
		return "", protocol.ErrJSONFormatInvalid("The member " + name + " must be a string.")
	}
	return s, nil
}
