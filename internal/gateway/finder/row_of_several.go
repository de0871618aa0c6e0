package finder

import "bytes"

// crossing is the row of the ids that are in all of its parts.
type crossing struct {
	parts []row
	at    []byte // nil at the end
	to    []byte
}

func (c *crossing) start() bool {
	for _, p := range c.parts {
		if !p.start() {
			return false
		}
	}
	return c.meet()
}

func (c *crossing) next() bool {
	c.parts[0].next()
	return c.meet()
}

func (c *crossing) skip(to []byte) bool {
	c.parts[0].skip(to)
	return c.meet()
}

// meet goes to the first id that all parts have, from that of the first one on.
func (c *crossing) meet() bool {
	first := c.parts[0]
	c.at = first.id()
	for met := 1; c.at != nil && met < len(c.parts); met++ {
		part := c.parts[met]
		part.skip(c.at)
		if bytes.Equal(part.id(), c.at) {
			continue
		}
		if part.id() == nil {
			c.at = nil
			break
		}
		c.to = append(c.to[:0], part.id()...)
		first.skip(c.to)
		c.at, met = first.id(), 0
	}
	return c.at != nil
}

func (c *crossing) id() []byte { return c.at }

func (c *crossing) end() error { return endAll(c.parts) }

// merged is the row of the ids that are in any of its parts.
type merged struct {
	parts  []row
	before func(a, b []byte) bool
	at     row // the part whose turn it is, nil at the end
	last   []byte
}

func (m *merged) start() bool {
	for _, p := range m.parts {
		p.start()
	}
	return m.turn()
}

func (m *merged) next() bool {
	m.last = append(m.last[:0], m.id()...)
	for _, p := range m.parts {
		if bytes.Equal(p.id(), m.last) {
			p.next()
		}
	}
	return m.turn()
}

func (m *merged) skip(to []byte) bool {
	for _, p := range m.parts {
		if p.id() != nil {
			p.skip(to)
		}
	}
	return m.turn()
}

// turn finds the part that stands at the first id.
func (m *merged) turn() bool {
	m.at = nil
	for _, p := range m.parts {
		if p.id() != nil && (m.at == nil || m.before(p.id(), m.at.id())) {
			m.at = p
		}
	}
	return m.at != nil
}

func (m *merged) id() []byte {
	if m.at == nil {
		return nil
	}
	return m.at.id()
}

func (m *merged) end() error { return endAll(m.parts) }
