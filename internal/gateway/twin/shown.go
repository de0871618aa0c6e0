package twin

import (
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// shown is a thing of which only what may be read is there. It implements enrich.Thing.
type shown struct {
	seen
	doc, meta []byte
}

// Doc implements enrich.Thing.
func (s *shown) Doc() []byte { return s.doc }

// Metadata implements enrich.Thing.
func (s *shown) Metadata() []byte { return s.meta }

// Visible implements enrich.Thing.
func (s *shown) Visible(parts []byte) []byte { return parts }

// seen returns the thing after the event through a lens. What it takes to select from it depends on nothing that may not be
// read: it would tell how much that is.
func (c *command) seen(l lens, asking *authority.Requester) enrich.Thing {
	through := seen{State: c.outcome.State, lens: l, asking: asking}
	if l.first == nil && l.second == nil {
		return through
	}
	m, rights := c.memory, [2]*enforcer.Rights{l.first, l.second}
	if known := m.shown[rights]; known != nil {
		return &shown{through, known.doc, known.meta}
	}
	s := &shown{seen: through, doc: through.Visible(c.outcome.State.Doc)}
	if meta := c.outcome.State.Meta; meta != nil {
		s.meta = through.Visible(meta)
	}
	if !m.rememberShown(rights, s) {
		m.budget.unused -= c.limits.MaxSize / bytesPerLook // it will be made again
	}
	return s
}
