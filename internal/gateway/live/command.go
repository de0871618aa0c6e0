package live

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Command is a command that a device executes. It comes from [NewCommand].
type Command struct {
	*thing.Command
	// Topic names the thing and the action.
	Topic protocol.Topic
	// CorrelationID is "" if the sender gave none.
	CorrelationID string
	// Headers are those of the sender. They say, among other things, which answer is wanted.
	Headers protocol.Headers
	// UseTwin says that the twin answers a retrieve if no device does.
	UseTwin bool
	// Originator is the first authorization subject of the sender. The caller sets it.
	Originator string

	form form
}

// NewCommand makes a command of an envelope whose topic is a things command of channel live.
//
// It refuses what is refused of the same command on the twin for its topic, path or value. protocoladapter:unknown.topicpath is
// also the error for another kind of envelope, and for a command on several things, for which no device could answer.
func NewCommand(env *protocol.Envelope) (*Command, *protocol.Error) {
	t := &env.Topic
	if t.Group != protocol.Things || t.Criterion != protocol.Commands || t.Channel != protocol.Live || env.Status != 0 {
		return nil, protocol.ErrTopicNotServed(*t)
	}
	if t.Name == protocol.Wildcard {
		return nil, protocol.ErrTopicUnknown(t.String(), "A device answers for one thing.")
	}
	what, err := thing.NewLiveCommand(env)
	if err != nil {
		return nil, err
	}
	c := &Command{Command: what, Topic: *t, Headers: env.Headers}
	c.CorrelationID, _ = env.Headers.String(protocol.HeaderCorrelationID)
	c.readStrategy(&env.Headers)
	headers := c.delivered()
	c.form = newForm(&protocol.Envelope{Topic: *t, Fields: env.Fields, HasFields: env.HasFields}, &headers, c.Path.String())
	return c, nil
}

// readStrategy reads who answers a retrieve if no device does. Protocol rule: the spelling counts.
func (c *Command) readStrategy(h *protocol.Headers) {
	strategy, _ := h.String(protocol.HeaderLiveChannelTimeoutStrategy)
	c.UseTwin = c.IsQuery() && strategy == "use-twin"
}

// Asked returns what of the command matters while an answer is waited for: what [Match], Authorize and [Response.Visible] look
// at. It holds nothing of what was sent.
func (c *Command) Asked() *Command {
	return &Command{
		Command:       &thing.Command{ID: c.ID, Namespace: c.Namespace, Name: c.Name, Action: c.Action, Path: c.Path},
		Topic:         c.Topic,
		CorrelationID: c.CorrelationID,
		UseTwin:       c.UseTwin,
	}
}

func (c *Command) delivered() protocol.Headers {
	h := passedOn(&c.Headers)
	h.SetString(protocol.HeaderContentType, contentType(c.Action))
	return h
}

// contentType returns the content type of what is about an action. Protocol rule: that of merges is their own.
func contentType(action protocol.Action) string {
	if action == protocol.Merge {
		return protocol.MergePatchJSON
	}
	return protocol.JSON
}

// Resource is what the permissions are about that senders and receivers need.
func (c *Command) Resource() (enforcer.ResourceType, document.Pointer) {
	return enforcer.Thing, c.Path.Pointer
}

// Authorize checks whether a requester with the rights may send the command. Protocol rule: the permissions and errors are those
// of the same command on the twin: READ of something for a retrieve, WRITE of all that changes for anything else.
func (c *Command) Authorize(rights *enforcer.Rights) *protocol.Error { return c.AuthorizeLive(rights) }

// MayReceive reports whether somebody with the rights is sent the command: who may read at its path, and all of the value that
// it has.
func (c *Command) MayReceive(rights *enforcer.Rights) bool {
	typ, at := c.Resource()
	if c.Value == nil {
		return rights.Effective(typ, at, enforcer.Read)
	}
	return rights.Unrestricted(typ, at, enforcer.Read)
}

// AppendSignal appends the command as the receiver is sent it.
func (c *Command) AppendSignal(dst []byte, d Delivery) []byte {
	return c.form.append(dst, &d, c.Originator, false, c.Value)
}
