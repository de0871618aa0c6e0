package dittows

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// Publish implements link.Client. The payload is an envelope.
func (c *client) Publish(ctx context.Context, m *external.Message, delivery snapshot.DeliveryGuarantee, done func(link.Outcome)) error {
	var env protocol.Envelope
	if err := protocol.Decode(m.Payload, &env); err != nil {
		return c.refused(done, link.Outcome{Status: http.StatusBadRequest, Err: fmt.Errorf("this is no message of the Ditto protocol: %s", err.Code)})
	}
	if env.Status != 0 {
		// What answers the other end is not answered in turn. It does not wait for others to be.
		return c.send(ctx, outgoing{text: m.Payload, written: func(err error) { done(accepted(err)) }})
	}
	repeated, ok := mapping.Mirror(&env)
	switch {
	case !ok:
		return c.refused(done, link.Outcome{Status: http.StatusUnprocessableEntity, Err: errors.New("there is no command that repeats this signal, or it goes in a circle")})
	case repeated.Topic.Channel == protocol.Live:
		return c.publishSignal(ctx, repeated.Append(nil), delivery, done)
	case delivery == snapshot.AtLeastOnce, c.gap.watches():
		return c.publishCommand(ctx, repeated, done)
	}
	ask(&repeated.Headers, false)
	return c.send(ctx, outgoing{text: mapping.Text(repeated), written: func(err error) { done(accepted(err)) }})
}

// refused tells that a message cannot be sent at all.
func (c *client) refused(done func(link.Outcome), o link.Outcome) error {
	if c.Err() != nil {
		return link.ErrLost
	}
	done(o)
	return nil
}

// ask has a command be answered with its response and nothing else, or not at all. Protocol rule: without requested acknowledgements and
// timeout, which Mirror leaves out, that is what response-required says.
func ask(h *protocol.Headers, answer bool) {
	h.Set(protocol.HeaderResponseRequired, strconv.AppendBool(nil, answer))
}

// accepted returns the outcome of what is not answered, when it was written and maybe read.
func accepted(err error) link.Outcome {
	if err != nil {
		return again(err)
	}
	return link.Outcome{Status: http.StatusAccepted}
}

// again returns the outcome of what was not answered because of an error.
func again(err error) link.Outcome {
	status := http.StatusServiceUnavailable
	if errors.Is(err, errNoAnswer) {
		status = http.StatusRequestTimeout
	}
	return link.Outcome{Status: status, Err: err, Again: true}
}

// publishSignal sends a signal of the live channel. If somebody waits for an answer to it, that is somebody else.
func (c *client) publishSignal(ctx context.Context, text []byte, delivery snapshot.DeliveryGuarantee, done func(link.Outcome)) error {
	if delivery != snapshot.AtLeastOnce {
		return c.send(ctx, outgoing{text: text, written: func(err error) { done(accepted(err)) }})
	}
	size := len(text)
	if err := c.window.Enter(ctx, size); err != nil {
		return err
	}
	finish := func(err error) {
		c.window.Leave(size)
		done(accepted(err))
	}
	err := c.send(ctx, outgoing{text: text, written: func(err error) {
		if err != nil || !c.receipts.put(receipt{finish}) {
			finish(link.ErrLost)
		}
	}})
	if err != nil {
		c.window.Leave(size)
	}
	return err
}

// publishCommand sends a command. Its answer is the outcome.
func (c *client) publishCommand(ctx context.Context, env *protocol.Envelope, done func(link.Outcome)) error {
	id := c.correlate(&env.Headers)
	ask(&env.Headers, true)
	text := mapping.Text(env)
	size := len(text)
	if err := c.window.Enter(ctx, size); err != nil {
		return err
	}
	p := &pending{deletes: env.Topic.Action == protocol.Delete, unless: env.Headers.Has(protocol.HeaderIfEqual), done: func(o link.Outcome) {
		c.window.Leave(size)
		done(o)
	}}
	if c.gap.watches() {
		p.deed = c.deed(env)
	}
	err := c.awaited.add(id, p, c.clock().Add(c.settings.answering))
	if err == nil {
		err = c.send(ctx, outgoing{text: text})
	} else {
		c.window.Leave(size)
		return err
	}
	if err != nil && c.awaited.remove(id) {
		c.window.Leave(size)
		return err
	}
	return nil // if it was removed before, done has been called
}

// correlate gives a message a correlation id that no other message of the session has, and returns it. It begins with what was given.
func (c *client) correlate(h *protocol.Headers) string {
	given, _ := h.String(protocol.HeaderCorrelationID)
	id := given + "~" + strconv.FormatUint(c.numbers.Add(1), 36)
	h.SetString(protocol.HeaderCorrelationID, id)
	return id
}

// deed remembers a change of a thing at the other end, and returns what is told the answer.
func (c *client) deed(env *protocol.Envelope) func(answer *protocol.Envelope, o *link.Outcome) {
	memory, thing, what := c.gate.memory, env.Topic.EntityID(), c.gate.memory.own.what(env)
	gone := env.Topic.Action == protocol.Delete && strings.Trim(env.Path, "/") == ""
	memory.own.tried(thing, what)
	return func(answer *protocol.Envelope, o *link.Outcome) {
		revision, _ := answer.Headers.Int(protocol.HeaderEntityRevision)
		if answer.Status >= http.StatusMultipleChoices { // nothing was done, whatever that comes to
			revision = 0
		}
		if revision == 0 {
			memory.own.refused(thing, what)
		}
		if o.Delivered() {
			memory.made(thing, what, revision, gone)
		}
	}
}

// pending is a command that is not answered.
type pending struct {
	deletes bool
	unless  bool                                    // it is only to be done if it changes something, and has no other condition
	deed    func(*protocol.Envelope, *link.Outcome) // of a change that the other end may tell of later; nil if it is not asked to
	done    func(link.Outcome)
	told    atomic.Bool
}

// take implements waiter.
func (p *pending) take(f *frame) bool {
	o := p.outcome(&f.env)
	if p.deed != nil {
		p.deed(&f.env, &o)
	}
	p.tell(o)
	return true
}

// miss implements waiter.
func (p *pending) miss(err error) { p.tell(again(err)) }

// tell calls done, once.
func (p *pending) tell(o link.Outcome) {
	if p.told.CompareAndSwap(false, true) {
		p.done(o)
	}
}

// outcome returns what an answer says.
func (p *pending) outcome(answer *protocol.Envelope) link.Outcome {
	o := link.Outcome{Status: answer.Status}
	switch {
	case o.Delivered():
	case p.deletes && answer.Status == http.StatusNotFound:
		// As the command asks for. It may have done so itself, without that its answer came.
		return link.Outcome{Status: http.StatusNoContent}
	case p.unless && (answer.Status == http.StatusPreconditionFailed || answer.Status == http.StatusNotModified):
		// It is there already.
		return link.Outcome{Status: http.StatusNoContent}
	default:
		o.Err = fmt.Errorf("the other end has answered with status %d%s", answer.Status, inBrackets(errorCode(answer.Value)))
		o.Again = tryLater(answer.Status)
	}
	if answer.Value != nil {
		o.Answer = &external.Message{Headers: external.Headers{external.ContentType: protocol.JSON}, Payload: answer.Value}
	}
	return o
}

func inBrackets(code string) string {
	if code == "" {
		return ""
	}
	return " (" + code + ")"
}
