package dittows

import (
	"context"
)

// receipt is a message that was written, and that the other end is to have read.
type receipt struct {
	// read is called once, with nil or why that is not known. It does not block.
	read func(error)
}

func (r *receipt) tell(err error) { r.read(err) }

// confirm finds out what was read. A pong comes behind everything that was written before the ping was read (RFC 6455, section 5.5.3), and an
// endpoint reads messages and pings in their order.
func (c *client) confirm() {
	var written []receipt
	for {
		written = c.receipts.all(c.Lost(), written)
		if written == nil {
			return
		}
		err := c.readByNow()
		for i := range written {
			written[i].tell(err)
		}
	}
}

func (c *client) readByNow() error {
	ctx, cancel := context.WithTimeout(c.ctx, c.settings.answering)
	defer cancel()
	if c.ws.Ping(ctx) != nil {
		return errNoAnswer
	}
	return nil
}
