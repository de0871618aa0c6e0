package telling

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

// seen returns the thing after the signal through a lens. What it takes to select from it depends on nothing that may not be
// read: it would tell how much that is.
func (t *Telling) seen(l lens, asking *authority.Requester) enrich.Thing {
	through := seen{State: t.facts.State, lens: l, asking: asking}
	if l.first == nil && l.second == nil {
		return through
	}
	rights := [2]*enforcer.Rights{l.first, l.second}
	if known := t.shown[rights]; known != nil {
		return &shown{through, known.doc, known.meta}
	}
	s := &shown{seen: through, doc: through.Visible(t.facts.State.Doc)}
	if meta := t.facts.State.Meta; meta != nil {
		s.meta = through.Visible(meta)
	}
	if !t.rememberShown(rights, s) {
		t.budget.unused -= t.deps.MaxSize / bytesPerLook // it will be made again
	}
	return s
}
