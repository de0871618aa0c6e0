package relay

import (
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// waiting is a requester who waits for others. It is all that is kept of a request once it was published. It implements
// pubsub.Account.
type waiting struct {
	*exchange.Exchange
	asked
	service *Service
	wait    *broker.Wait
	// sent says that somebody may have received the signal, and so can answer it. From then on policyID is set: that of the
	// thing's policy.
	sent     atomic.Bool
	policyID string
	// smart says that the twin could have answered, too.
	smart bool
}

// asked is what was asked of a device or by a message: one of them is not nil.
type asked struct {
	message *live.Message
	command *live.Command
}

// open begins the wait of a request.
func (r *request) open() (err *protocol.Error) {
	w := &waiting{Exchange: r.Waiting(), asked: r.content.asked(), service: r.service, smart: r.smart != nil}
	terms := broker.Terms{
		Plan: r.Plan, Received: r.Received(), ThingID: r.Topic.EntityID(), Channel: protocol.Live, Live: true,
		Request: w, Done: w.done,
	}
	terms.CorrelationID, _ = w.Headers.String(protocol.HeaderCorrelationID)
	terms.Size = w.Headers.Size() + len(r.Path.String())
	if r.smart != nil && r.smart.useTwin {
		terms.Instead = r.instead()
		terms.Size += w.Headers.Size() + len(r.smart.outcome.Response.Value) + len(r.smart.outcome.Response.Metadata)
	}
	if w.wait, err = r.service.broker.Open(r.From.Party(), terms); err != nil {
		return err
	}
	r.waiting = w
	return nil
}

// Asked implements pubsub.Account.
func (w *waiting) Asked(a *pubsub.Audience) pubsub.Delivery {
	w.sent.Store(true)
	return w.wait.Asked(a)
}

// Give implements pubsub.Account.
func (w *waiting) Give(s pubsub.Subscriber, d pubsub.Delivery) pubsub.Delivery {
	return w.wait.Give(s, d)
}

// Given implements pubsub.Account.
func (w *waiting) Given() {
	w.sent.Store(true)
	w.wait.Given()
}

// answer is the response that a requester is sent as it is.
type answer struct {
	exchange.Envelope
	status int
}

// done answers the requester, later.
func (w *waiting) done(r ack.Result, original any) {
	whole, is := original.(answer)
	if r.Outcome == ack.Original && !is {
		r = ack.Result{Outcome: ack.Failed, Error: protocol.ErrInternal()}
	}
	w.Settle(r, protocol.Live, whole.Envelope, whole.status)
}

// id returns the correlation id that the requester gave.
func (w *waiting) id() string {
	id, _ := w.Headers.String(protocol.HeaderCorrelationID)
	return id
}

// rights returns what the requester may do with the thing now, nil if that is nothing.
func (w *waiting) rights() *enforcer.Rights {
	rights, _ := w.service.authority.On(w.From, nil).ThingRights(w.policyID, w.Topic.Namespace)
	return rights
}
