package connectivity

import (
	"context"
	"slices"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// feed is an inbound Subscription: what another endpoint of the protocol sends is done here, on the authority of its subjects.
type feed struct {
	stream
	subjects []string
	// namespaces are those that were asked for; none: all.
	namespaces []string
}

// asksFor reports whether something about an entity was asked for. The other end is not relied on to send nothing else.
func (f *feed) asksFor(t *protocol.Topic) bool {
	return len(f.namespaces) == 0 || slices.Contains(f.namespaces, t.Namespace)
}

// repeat repeats here what has happened at the other end. Messages and live commands go to who has subscribed to them here, and what is
// answered goes back.
func (in *inlet) repeat(ctx context.Context, f *feed, c *link.Consumed) {
	r := in.receipt(&f.stream, f, c)
	env := &protocol.Envelope{}
	if err := protocol.Decode(r.message.Payload, env); err != nil {
		r.unmapped("", err)
		return
	}
	r.correlationID, _ = env.Headers.String(protocol.HeaderCorrelationID)
	command, ok := mapping.Mirror(env)
	if !ok || !f.asksFor(&env.Topic) {
		r.ignored()
		return
	}
	if command.Topic.Channel == protocol.Twin { // nobody at the other end waits
		command.Headers.Set(protocol.HeaderResponseRequired, []byte("false"))
	}
	r.flow.Count(metrics.Mapped, 1)
	r.audience = pubsub.Audience{Subjects: f.subjects, Acks: in.peer.declared()}
	r.message.Payload = nil
	r.handle(ctx, []mapping.Command{{Envelope: command, Handed: true, Silent: !asksForAnswer(command)}})
}

// asksForAnswer reports whether somebody waits for the answer to an envelope of the live channel.
func asksForAnswer(env *protocol.Envelope) bool {
	t := &env.Topic
	if t.Channel != protocol.Live || env.Status != 0 || t.Criterion != protocol.Messages && t.Criterion != protocol.Commands {
		return false
	}
	required, given := env.Headers.Bool(protocol.HeaderResponseRequired)
	return required || !given
}

// tells implements teller.
func (*feed) tells(q *request, _ *answer) bool { return !q.silent }

// told implements teller: the other end knows what an envelope is.
func (*feed) told(_ *receipt, _ *answer, text []byte) *external.Message {
	return &external.Message{Headers: external.Headers{external.ContentType: dittoJSON}, Payload: text}
}
