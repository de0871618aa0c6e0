package relay

import (
	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// response is what somebody answers: one of them is not nil.
type response struct {
	message *live.Message
	command *live.Response
}

// respond takes a response to a message or a command, or an error in place of one.
//
// Protocol rules: whoever was asked or knows the correlation id may respond, and needs no permission. There is no reply to a
// response; one that is of the wrong shape is refused, one that nobody waits for has no effect.
func (s *Service) respond(x *exchange.Exchange, env *protocol.Envelope) {
	r, err := readResponse(env, x.Originator())
	if err != nil {
		refuseUnlessUntold(x, env, err)
		return
	}
	x.From.NoReply()
	if x.From.MayAccess(protocol.Things, env.Topic.Namespace) {
		s.deliver(x, env, r)
	}
}

// readResponse reads the response of somebody whose first subject is the originator.
func readResponse(env *protocol.Envelope, originator string) (r response, err *protocol.Error) {
	if env.Topic.Criterion == protocol.Messages {
		if r.message, err = live.NewMessage(env); err == nil {
			r.message.Originator = originator
		}
		return r, err
	}
	if r.command, err = live.ParseResponse(env); err == nil {
		r.command.Originator = originator
	}
	return r, err
}

// deliver gives a response to who waits for it.
func (s *Service) deliver(x *exchange.Exchange, env *protocol.Envelope, r response) {
	id, _ := env.Headers.String(protocol.HeaderCorrelationID)
	wait := s.broker.Find(x.From.Party(), id)
	if wait == nil {
		return
	}
	w, ok := wait.Request().(*waiting)
	if !ok || !w.sent.Load() {
		return // it is no answer to an event, nor to what nobody was sent
	}
	if reason := w.asked.mismatch(r); reason != "" {
		wait.Mismatch(reason)
		return
	}
	given, original := w.take(env, r)
	wait.Respond(given, original)
}

// mismatch says why a response does not fit, "" if it does.
func (a *asked) mismatch(r response) string {
	switch {
	case a.message != nil && r.message != nil:
		return live.MatchMessage(a.message, r.message)
	case a.message != nil:
		return live.MatchError(a.message, r.command)
	case r.message != nil:
		return "It answers a message, not a command."
	}
	return live.Match(a.command, r.command)
}

// take returns a response as the requester is told of it: among acknowledgements, or as it is.
//
// Protocol rules: what was retrieved from a device is shown as far as the requester may read it on the twin. The correlation id is
// that of the request, whatever its receivers were given.
func (w *waiting) take(env *protocol.Envelope, r response) (ack.Ack, any) {
	d := live.Delivery{CorrelationID: w.id(), Smart: w.smart}
	if r.message != nil {
		return w.taken(env, &live.Answer{Message: r.message, Value: r.message.Value, Delivery: d})
	}
	value := r.command.Value
	if r.command.Action == protocol.Retrieve {
		visible, ok := r.command.Visible(w.rights())
		if !ok {
			return w.hidden()
		}
		value = visible
	}
	return w.taken(env, &live.Answer{Response: r.command, Value: value, Delivery: d})
}

// taken returns a response as what the requester waits for, and no more of it than that.
func (w *waiting) taken(env *protocol.Envelope, whole *live.Answer) (ack.Ack, any) {
	if w.Plan.Reply != ack.Aggregate {
		return ack.Ack{Label: protocol.LabelLiveResponse, Status: env.Status}, answer{whole, env.Status}
	}
	said := *env
	said.Value = whole.Value
	a := ack.LiveResponse(&said)
	a.Headers.SetString(protocol.HeaderOriginator, whole.Originator())
	return a, nil
}

// hidden returns what the requester is told of what they may not read: that it is not there.
func (w *waiting) hidden() (ack.Ack, any) {
	err := w.command.ErrAbsent()
	refusal := &protocol.ErrorResponse{Topic: w.Topic, Headers: w.Headers, Originator: w.Originator(), Error: err}
	return ack.Ack{Label: protocol.LabelLiveResponse, Status: err.Status, Payload: err.Append(nil)}, answer{refusal, err.Status}
}
