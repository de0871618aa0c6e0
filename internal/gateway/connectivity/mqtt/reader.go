package mqtt

import (
	"errors"
	"io"

	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

var errUnexpected = errors.New("the broker sends what no broker may send")

// read takes what the broker sends until the client ends.
func (c *client) read() {
	defer close(c.readAll)
	for {
		err := c.readPacket()
		if err == nil {
			continue
		}
		if !c.goodbye.Load() {
			c.fail(err)
		}
		return
	}
}

func (c *client) readPacket() error {
	header, err := packet.ReadHeader(c.socket.reader)
	switch {
	case errors.Is(err, io.EOF):
		return errSilentEnd
	case err != nil:
		return err
	case header.Length > maxPacket:
		return c.passOver(header)
	}
	// What was received refers to the body.
	body, err := c.body(header.Length)
	if err != nil {
		return err
	}
	c.pulse.heard()
	return c.take(header, body)
}

// body reads so many bytes. What comes slowly is heard, too.
func (c *client) body(length int) ([]byte, error) {
	b := make([]byte, length)
	for at := 0; at < length; {
		n, err := io.ReadFull(c.socket.reader, b[at:min(at+hearing, length)])
		if err != nil {
			return nil, err
		}
		at += n
		c.pulse.heard()
	}
	return b, nil
}

// hearing is how much is read at once of what may be long, in bytes.
const hearing = 16 << 10

// take takes a packet.
func (c *client) take(h packet.Header, body []byte) error {
	switch h.Type {
	case packet.PUBLISH:
		p, err := packet.ParsePublish(c.version, h.Flags, body)
		if err != nil {
			return err
		}
		c.received(&p)
		return nil
	case packet.PUBACK, packet.PUBREC, packet.PUBCOMP, packet.PUBREL:
		a, err := packet.ParseAck(body)
		if err == nil {
			c.acknowledgement(h.Type, a)
		}
		return err
	case packet.SUBACK:
		a, err := packet.ParseSuback(c.version, body)
		if err == nil {
			c.subscribed(a)
		}
		return err
	case packet.UNSUBACK:
		a, err := packet.ParseAck(body)
		if err == nil {
			c.flights.land(a.ID, func(one *flight) bool { return one.done == nil && one.granted == nil })
		}
		return err
	case packet.PINGRESP:
		return nil
	case packet.DISCONNECT:
		return disconnected(packet.ParseDisconnect(body))
	default:
		return errUnexpected
	}
}

func (c *client) acknowledgement(t packet.Type, a packet.Ack) {
	if t != packet.PUBREL {
		c.acknowledged(t, a)
		return
	}
	c.kind.memory.release(a.ID)
	c.send(packet.AppendAck(nil, packet.PUBCOMP, a.ID))
}

// passOver reads on after a packet that is too long. A message is acknowledged: it would be too long again.
func (c *client) passOver(h packet.Header) error {
	if h.Type != packet.PUBLISH {
		return errUnexpected
	}
	beginning := make([]byte, min(h.Length, packet.MaxBeginning))
	if _, err := io.ReadFull(c.socket.reader, beginning); err != nil {
		return err
	}
	p, err := packet.ParseBeginning(h.Flags, beginning)
	if err != nil {
		return err
	}
	for left := h.Length - len(beginning); left > 0; {
		n, err := c.socket.reader.Discard(min(left, hearing))
		if err != nil {
			return err
		}
		left -= n
		c.pulse.heard()
	}
	c.config.Logger.Warn("message dropped: it is too long", "topic", p.Topic, "bytes", h.Length, "limit", maxPacket)
	c.dismiss(&p)
	return nil
}

// dismiss acknowledges a message that nobody gets.
func (c *client) dismiss(p *packet.Publish) {
	if p.QoS == 0 {
		return
	}
	if r := c.receipts.open(p); r != nil {
		c.receipts.settle(r, true)
	}
}

// received takes a message.
func (c *client) received(p *packet.Publish) {
	if most := luggage(p); most > maxLuggage {
		c.config.Logger.Warn("message dropped: its properties are too long", "topic", p.Topic, "bytes", most, "limit", maxLuggage)
		c.dismiss(p)
		return
	}
	a := arrival{publish: p}
	if p.QoS > 0 {
		if a.receipt = c.receipts.open(p); a.receipt == nil {
			return
		}
	}
	c.pulse.stall()
	c.intake.put(c.consuming, a)
	c.pulse.heard()
}
