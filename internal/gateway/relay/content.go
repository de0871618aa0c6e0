package relay

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/telling"
)

// content is what a request brings to its receivers.
type content interface {
	// Authorize checks whether a requester with the rights may send it.
	Authorize(rights *enforcer.Rights) *protocol.Error
	// condition must hold for the twin, nil for none.
	condition() *rql.Predicate
	// view returns how it looks to receivers with the rights, nil if they are not sent it.
	view(rights *enforcer.Rights) pubsub.View
	// append appends it as the view shows it, and reports whether it is to be told.
	append(dst []byte, plain pubsub.View, d live.Delivery) ([]byte, bool)
	// facts are what those may ask of it who want something of it.
	facts() telling.Facts
	// asked returns what of it is compared with a response.
	asked() asked
	// ungoverned is the error for it where the policy of the thing does not exist.
	ungoverned(policyID string) *protocol.Error
}

// bare is the plain view of a message for who has selected fields of the thing, of which there are none to show.
var bare pubsub.View = new(struct{ _ byte })

// message is a message that is no response. It implements content.
type message struct{ *live.Message }

func (m message) condition() *rql.Predicate { return m.Condition }

func (m message) view(rights *enforcer.Rights) pubsub.View { return wholeIf(m.MayReceive(rights)) }

func (m message) append(dst []byte, plain pubsub.View, d live.Delivery) ([]byte, bool) {
	d.Selected = plain == bare
	return m.AppendSignal(dst, d), true
}

func (m message) facts() telling.Facts {
	return telling.Facts{
		ThingID: m.ID, Namespace: m.Topic.Namespace, Topic: m.Topic, Headers: &m.Headers, Originator: m.Originator, Path: m.Pointer(),
	}
}

func (m message) asked() asked { return asked{message: m.Asked()} }

// ungoverned implements content. Anybody may claim a thing, but nobody would receive it.
func (m message) ungoverned(string) *protocol.Error { return m.Authorize(nil) }

// command is a command for a device. It implements content.
type command struct{ *live.Command }

func (c command) condition() *rql.Predicate { return c.Condition }

func (c command) view(rights *enforcer.Rights) pubsub.View { return wholeIf(c.MayReceive(rights)) }

func (c command) append(dst []byte, _ pubsub.View, d live.Delivery) ([]byte, bool) {
	return c.AppendSignal(dst, d), true
}

func (c command) facts() telling.Facts {
	return telling.Facts{
		ThingID: c.ID, Namespace: c.Namespace, Topic: c.Topic, Headers: &c.Headers, Originator: c.Originator,
		Path: c.Path.Pointer, Value: c.Value,
	}
}

func (c command) asked() asked { return asked{command: c.Asked()} }

func (c command) ungoverned(policyID string) *protocol.Error {
	if c.IsQuery() {
		return protocol.ErrThingUnreadable(c.ID, policyID)
	}
	return protocol.ErrThingUnwritable(c.ID, policyID)
}

// event is an event of a device. It implements content.
type event struct{ *live.Event }

func (event) condition() *rql.Predicate { return nil }

func (e event) view(rights *enforcer.Rights) pubsub.View {
	return telling.Look(e.Path.Pointer, rights, rights)
}

func (e event) append(dst []byte, plain pubsub.View, d live.Delivery) ([]byte, bool) {
	value, told := telling.Value(e.What(), plain)
	if !told {
		return dst, false
	}
	d.Partial = plain != telling.Whole
	return e.AppendSignal(dst, d, value), true
}

func (e event) facts() telling.Facts {
	modified, _ := time.Parse(time.RFC3339Nano, e.Timestamp) // zero if the device did not say when
	return telling.Facts{
		ThingID: e.ID, Namespace: e.Topic.Namespace, Topic: e.Topic, Headers: &e.Headers, Originator: e.Originator,
		Path: e.Path.Pointer, Value: e.Value, Event: e.What(), Revision: e.Revision, Modified: modified,
	}
}

func (event) asked() asked { return asked{} }

func (e event) ungoverned(string) *protocol.Error { return e.Authorize(nil) }

func wholeIf(visible bool) pubsub.View {
	if visible {
		return telling.Whole
	}
	return nil
}
