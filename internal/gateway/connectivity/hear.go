package connectivity

import (
	"context"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// hear takes what another endpoint of the protocol says to what it was sent: responses, errors and acknowledgements. They go to who
// waits for them here. They take no room, as what they answer does.
func (in *inlet) hear(ctx context.Context, c *link.Consumed) {
	if c.Settle != nil {
		defer c.Settle(link.Accept)
	}
	env := &protocol.Envelope{}
	if err := protocol.Decode(c.Message.Payload, env); err != nil || env.Status == 0 {
		return // nobody could wait for it
	}
	if env.Topic.Criterion == protocol.Errors && env.Topic.Channel != protocol.Live {
		in.complain(env)
		return
	}
	by := in.ear()
	if env.Topic.Criterion != protocol.Acks || env.Topic.Subject != "" {
		in.peer.handler.Handle(ctx, by, env)
		return
	}
	for _, each := range apart(env) {
		in.peer.handler.Handle(ctx, by, each)
	}
}

// complain notes an error that is about nothing that anybody waits for.
func (in *inlet) complain(env *protocol.Envelope) {
	code, _ := document.Get(env.Value, document.Pointer{"error"})
	in.peer.journal.note(Event{Kind: EventDelivered, Failure: true, Message: "the other end reports an error: " + strconv.Itoa(env.Status) + " " + string(code)})
}

// apart returns the single acknowledgements of an envelope that has several. The response of a device among them is left out: what it
// answers is not known.
func apart(env *protocol.Envelope) (all []*protocol.Envelope) {
	id, _ := env.Headers.String(protocol.HeaderCorrelationID)
	for label, value := range document.Members(env.Value) {
		if ack.BuiltIn(label) {
			continue
		}
		text, _ := document.Get(value, document.Pointer{"status"})
		status, err := strconv.Atoi(string(text))
		if err != nil {
			continue
		}
		one := &protocol.Envelope{Topic: env.Topic, Path: "/", Status: status}
		one.Topic.Subject = label
		one.Value, _ = document.Get(value, document.Pointer{"payload"})
		one.Headers.SetString(protocol.HeaderCorrelationID, id)
		all = append(all, one)
	}
	return all
}

// ear is who the other end is when it answers. It implements exchange.Requester.
type ear struct {
	inlet    *inlet
	audience pubsub.Audience
}

func (in *inlet) ear() *ear {
	return &ear{in, pubsub.Audience{Subjects: []string{"connection:" + in.peer.name}, Acks: in.peer.declared()}}
}

// Audience implements pubsub.Subscriber.
func (e *ear) Audience() *pubsub.Audience { return &e.audience }

// Deliver implements pubsub.Subscriber.
func (*ear) Deliver(wire.Burst) {}

// Kin implements pubsub.Kindred.
func (e *ear) Kin() any { return e.inlet.peer }

// Party implements broker.Member: the one that was given what is answered.
func (e *ear) Party() *broker.Party { return e.inlet.peer.party }

// MayAccess implements exchange.Requester.
func (*ear) MayAccess(protocol.Group, string) bool { return true }

// NoReply implements exchange.Requester.
func (*ear) NoReply() {}

// Answer implements exchange.Requester.
func (*ear) Answer(exchange.Envelope) {}

// Reply implements exchange.Requester: what was said is refused.
func (e *ear) Reply(answer exchange.Envelope, _ int) {
	if refusal, ok := answer.(*protocol.ErrorResponse); ok {
		e.inlet.peer.journal.note(Event{Kind: EventAcknowledged, Failure: true, Message: refusal.Error.Error()})
	}
}
