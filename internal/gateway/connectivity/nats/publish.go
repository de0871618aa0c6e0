package nats

import (
	"context"
	"errors"
	"net/http"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// publication is a message that was published to a stream and has no outcome yet.
type publication struct {
	done func(link.Outcome)
	size int
}

// Errors of publishing.
var (
	errNoStream  = errors.New("there is no stream that stores the subject")
	errForbidden = errors.New("not allowed to publish to the subject")
)

// Publish implements link.Client.
func (c *client) Publish(
	ctx context.Context, m *external.Message, delivery snapshot.DeliveryGuarantee, done func(link.Outcome),
) error {
	select {
	case <-c.Lost():
		return link.ErrLost
	default:
	}
	toStream := delivery == snapshot.AtLeastOnce
	msg, err := outbound(m, toStream)
	if err != nil {
		done(link.Outcome{Status: http.StatusBadRequest, Err: err})
		return nil
	}
	if toStream {
		return c.store(ctx, msg, done)
	}
	err = c.conn.PublishMsg(msg)
	if errors.Is(err, nats.ErrConnectionClosed) {
		return link.ErrLost
	}
	done(outcome(err))
	return nil
}

// store publishes to a stream.
func (c *client) store(ctx context.Context, msg *nats.Msg, done func(link.Outcome)) error {
	size := msg.Size()
	if err := c.window.Enter(ctx, size); err != nil {
		return err
	}
	c.mu.Lock()
	c.published[msg] = &publication{done, size}
	c.mu.Unlock()
	// What is tried again by the library might be overtaken.
	if _, err := c.stream.PublishMsgAsync(msg, jetstream.WithRetryAttempts(0)); err != nil {
		c.finish(msg, outcome(err))
	}
	return nil
}

// finish tells the outcome of a message, if it has none.
func (c *client) finish(msg *nats.Msg, o link.Outcome) {
	c.mu.Lock()
	p := c.published[msg]
	delete(c.published, msg)
	c.mu.Unlock()
	if p == nil {
		return
	}
	p.done(o)
	c.window.Leave(p.size)
}

// stored is called by the library when a stream has stored a message.
func (c *client) stored(_ jetstream.JetStream, msg *nats.Msg, _ *jetstream.PubAck) {
	c.finish(msg, outcome(nil))
}

// notStored is called by the library when none has.
func (c *client) notStored(_ jetstream.JetStream, msg *nats.Msg, err error) {
	if !errors.Is(err, jetstream.ErrNoStreamResponse) {
		c.finish(msg, outcome(err))
		return
	}
	select {
	case c.doubtful <- msg:
	default: // more than the window allows: after the client was closed
	}
}

// clarify finds out whether there is a stream at all for messages that none has answered to: it may just be without leader.
func (c *client) clarify() {
	for {
		select {
		case msg := <-c.doubtful:
			c.finish(msg, c.unanswered(msg.Subject))
		case <-c.over.Done():
			return
		}
	}
}

// unanswered returns the outcome of a message that no stream has answered to.
func (c *client) unanswered(subject string) link.Outcome {
	ctx, cancel := context.WithTimeout(c.over, c.times.answer)
	defer cancel()
	_, err := c.stream.StreamNameBySubject(ctx, subject)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return link.Outcome{Status: http.StatusNotFound, Err: errNoStream}
	}
	return link.Outcome{Status: http.StatusServiceUnavailable, Err: jetstream.ErrNoStreamResponse, Again: true}
}

// forbidden gives messages their outcome that the server does not answer to because they are not allowed.
func (c *client) forbidden(subject string) {
	c.finishAll(link.Outcome{Status: http.StatusForbidden, Err: errForbidden}, func(msg *nats.Msg) bool { return msg.Subject == subject })
}

// abandon gives everything its outcome that has none when the connection has ended.
func (c *client) abandon() {
	c.finishAll(outcome(link.ErrLost), func(*nats.Msg) bool { return true })
}

func (c *client) finishAll(o link.Outcome, which func(*nats.Msg) bool) {
	c.mu.Lock()
	var all []*nats.Msg
	for msg := range c.published {
		if which(msg) {
			all = append(all, msg)
		}
	}
	c.mu.Unlock()
	for _, msg := range all {
		c.finish(msg, o)
	}
}

// outcome returns what an error of publishing comes to: 204 for what was delivered, 4xx for what never will be, 503 for what may be later.
func outcome(err error) link.Outcome {
	api := (*jetstream.APIError)(nil)
	switch {
	case err == nil:
		return link.Outcome{Status: http.StatusNoContent}
	case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, jetstream.ErrStreamMessageExceedsMaximum):
		return link.Outcome{Status: http.StatusRequestEntityTooLarge, Err: err}
	case errors.Is(err, nats.ErrBadSubject), errors.Is(err, nats.ErrBadHeaderMsg), errors.Is(err, nats.ErrHeadersNotSupported):
		return link.Outcome{Status: http.StatusBadRequest, Err: err}
	case errors.As(err, &api) && api.Code >= 400 && api.Code < 500:
		return link.Outcome{Status: api.Code, Err: err}
	}
	return link.Outcome{Status: http.StatusServiceUnavailable, Err: err, Again: true}
}
