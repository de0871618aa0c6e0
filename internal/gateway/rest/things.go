package rest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// actions are what methods do with a resource.
var actions = map[string]protocol.Action{
	http.MethodGet: protocol.Retrieve, http.MethodPut: protocol.Modify, http.MethodPatch: protocol.Merge, http.MethodDelete: protocol.Delete,
}

// command answers with what becomes of a command on a thing or a part of it.
func command(q *request) *answer {
	env := q.envelope(protocol.Things, q.segments[1], actions[q.method()])
	var err *protocol.Error
	if env.Path, err = pointerOf(q.segments[2:]); err != nil {
		return refusal(err)
	}
	if err := q.fill(env); err != nil {
		return refusal(err)
	}
	return q.do(env)
}

// envelope returns the envelope of a command on an entity, on the channel that the request names.
func (q *request) envelope(group protocol.Group, id string, action protocol.Action) *protocol.Envelope {
	env := &protocol.Envelope{Headers: q.headers}
	env.Topic = protocol.Topic{Group: group, Criterion: protocol.Commands, Action: action}
	env.Topic.Namespace, env.Topic.Name, _ = strings.Cut(id, ":")
	if group == protocol.Things {
		env.Topic.Channel = q.channel()
	}
	return env
}

// channel is what of a thing is asked. Protocol rule: the twin, unless the request says otherwise.
func (q *request) channel() protocol.Channel {
	if channel, _ := q.headers.String(protocol.HeaderChannel); channel == "live" {
		return protocol.Live
	}
	return protocol.Twin
}

// fill reads the value of a command, or what it asks for.
func (q *request) fill(env *protocol.Envelope) (err *protocol.Error) {
	switch env.Topic.Action {
	case protocol.Retrieve:
		env.Fields, env.HasFields, err = q.fields()
	case protocol.Modify, protocol.Merge, protocol.Create:
		env.Value, err = q.jsonBody()
	}
	return err
}

// fields returns the selector of fields that the request names.
func (q *request) fields() (text string, has bool, err *protocol.Error) {
	if !q.query.Has("fields") {
		return "", false, nil
	}
	text = q.query.Get("fields")
	if _, failed := document.ParseSelector(text); failed != nil {
		return "", false, protocol.ErrFieldSelectorInvalid(text)
	}
	return text, true, nil
}

// createThing creates a thing with an id of its own.
//
// Protocol rules: the body has no id, a device cannot create things.
func createThing(q *request) *answer {
	if q.channel() == protocol.Live {
		return refusal(protocol.ErrMethodNotAllowed(q.http.Method))
	}
	env := q.envelope(protocol.Things, q.newID(), protocol.Create)
	env.Path = "/"
	if err := q.fill(env); err != nil {
		return refusal(err)
	}
	if id, has := document.Get(env.Value, document.Pointer{"thingId"}); has {
		return refusal(protocol.ErrThingIDNotSettable(string(id), ""))
	}
	return q.do(env)
}

// newID returns an id for something that is made, in the namespace that the request names.
func (q *request) newID() string {
	namespace := q.query.Get("namespace")
	if namespace == "" {
		namespace = q.settings.DefaultNamespace
	}
	return namespace + ":" + newName()
}

// newName returns a name that nothing has: a random UUID (RFC 9562, version 4).
func newName() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
