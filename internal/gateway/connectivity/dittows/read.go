package dittows

import (
	"bytes"
	"context"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// frame is an envelope that came in.
type frame struct {
	text []byte
	env  protocol.Envelope // aliases text
}

// id returns the correlation id, "" if there is none.
func (f *frame) id() string {
	id, _ := f.env.Headers.String(protocol.HeaderCorrelationID)
	return id
}

// read takes what comes in, until the connection ends.
func (c *client) read() {
	for {
		c.life.reading.Store(true)
		// No context: the connection is closed when the client is lost.
		kind, text, err := c.ws.Read(context.Background())
		c.life.reading.Store(false)
		c.heard()
		if err != nil {
			cause := ended(err)
			c.reject(cause)
			c.lose(cause)
			return
		}
		// Protocol rule: only texts are messages.
		if kind == websocket.MessageText {
			c.receive(text)
		}
	}
}

// receive takes one text.
func (c *client) receive(text []byte) {
	if bytes.HasPrefix(text, []byte("START-SEND-")) || bytes.HasPrefix(text, []byte("STOP-SEND-")) {
		c.asked.acknowledged(string(text))
		return
	}
	f := &frame{text: text}
	if err := protocol.DecodeTold(text, &f.env); err != nil {
		c.log.Debug("a message of the other end cannot be read", "error", err.Code)
		return
	}
	switch criterion := f.env.Topic.Criterion; {
	case f.env.Status != 0, criterion == protocol.Acks, criterion == protocol.Errors,
		criterion == protocol.Search, criterion == protocol.Streaming:
		c.answered(f)
	default:
		c.signalled(f)
	}
}

// answered takes what answers something: what this client has asked for, or somebody behind the gateway.
func (c *client) answered(f *frame) {
	switch {
	case c.awaited.take(f), c.asked.refused(f):
	case f.env.Topic.Channel == protocol.Live:
		c.enqueue(incoming{frame: f})
	default:
		// Protocol rule: what was wrong with a message may be told without saying which it was.
		c.log.Debug("the other end has answered what nobody waits for", "status", f.env.Status)
	}
}

// signalled takes a signal. Protocol rule: some may still come after they were stopped.
func (c *client) signalled(f *frame) {
	signal, ok := signalOf(&f.env)
	if !ok {
		c.log.Debug("the other end has sent something that is no signal")
		return
	}
	source, ok := c.asked.source(signal)
	switch {
	case !ok:
	case signal == twinEvents:
		c.gate.arrive(newEvent(f, source))
	default:
		c.enqueue(incoming{frame: f, source: source})
	}
}
