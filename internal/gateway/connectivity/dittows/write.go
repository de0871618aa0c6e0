package dittows

import (
	"context"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// outgoing is a message that is to be written.
type outgoing struct {
	text []byte
	// written is called once, with nil or why the message was not written. It is nil if that does not matter, and does not block.
	written func(error)
}

func (o *outgoing) tell(err error) {
	if o.written != nil {
		o.written(err)
	}
}

// send puts a message behind those that are to be written. Errors: that of ctx, link.ErrLost; then written is not called.
func (c *client) send(ctx context.Context, o outgoing) error {
	if err := c.writing.Enter(ctx, len(o.text)); err != nil {
		return err
	}
	if !c.outgoing.put(o) {
		return link.ErrLost
	}
	return nil
}

// write writes messages, one by one, until the client is lost.
func (c *client) write() {
	var items []outgoing
	for {
		items = c.outgoing.all(c.Lost(), items)
		if items == nil {
			return
		}
		for i := range items {
			err := c.writeOne(items[i].text)
			if err != nil {
				c.lose(link.Failure(err))
				err = link.ErrLost
			}
			items[i].tell(err)
			c.writing.Leave(len(items[i].text))
		}
	}
}

func (c *client) writeOne(text []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.settings.writing)
	defer cancel()
	return c.ws.Write(ctx, websocket.MessageText, text)
}
