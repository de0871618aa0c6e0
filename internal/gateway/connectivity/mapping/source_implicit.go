package mapping

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// implicit creates the thing that a message is from.
type implicit struct{ thing *blueprint }

func (r *reader) implicit(t *snapshot.ImplicitThing) *implicit {
	if t == nil {
		return nil
	}
	thing, err := parseBlueprint(t.Thing)
	if err == nil && !thing.names("thingId") {
		err = errors.New("must have a thingId that is text")
	}
	r.fail("implicitThing.thing", err)
	return &implicit{thing}
}

// envelope returns the command that creates the thing, unless it exists. Protocol rule: the policy that comes with it may be one that
// the gateway cannot change.
//
// Errors: connectivity:message.mapping.failed, placeholder:unresolved, things:id.invalid.
func (i *implicit) envelope(in *incoming) (*protocol.Envelope, *protocol.Error) {
	thing, err := i.thing.resolve(in)
	if err != nil {
		return nil, err
	}
	id, _ := textAt(thing, "thingId")
	env := &protocol.Envelope{Path: "/", Value: thing}
	env.Topic = protocol.Topic{Group: protocol.Things, Channel: protocol.Twin, Criterion: protocol.Commands, Action: protocol.Create}
	if env.Topic.Namespace, env.Topic.Name, err = splitID(id); err != nil {
		return nil, err
	}
	env.Headers.SetString(protocol.HeaderContentType, protocol.JSON)
	env.Headers.SetString(protocol.HeaderIfNoneMatch, "*")
	env.Headers.Set(protocol.HeaderAllowPolicyLockout, []byte("true"))
	return env, nil
}

// names reports whether the document has a member that is text.
func (b *blueprint) names(member string) bool {
	raw, ok := document.Get(b.text, document.Pointer{member})
	return ok && document.KindOf(raw) == document.String
}
