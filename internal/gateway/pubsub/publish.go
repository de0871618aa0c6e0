package pubsub

import "slices"

// maxWanted is how many signals are looked at together for those who want
// something of them. It bounds what bodies remember, and how large a burst
// becomes by what is added to its signals.
const maxWanted = 64

// Publish delivers signals, in order for each namespace.
func (h *Hub) Publish(signals []*Signal) {
	h.spread(signals)
	for _, s := range signals {
		if s.Account != nil {
			s.Account.Given()
		}
	}
}

// spread delivers signals to those who have subscribed.
func (h *Hub) spread(signals []*Signal) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(signals) == 0 || len(h.subscriptions) == 0 {
		return
	}
	for ns, part := range byNamespace(signals) {
		h.publish(ns, part)
	}
}

// publish delivers the signals of one namespace.
func (h *Hub) publish(ns string, signals []*Signal) {
	if h.wanting < len(h.circles) {
		h.deliver(ns, signals, false)
	}
	if h.wanting == 0 {
		return
	}
	for part := range slices.Chunk(signals, maxWanted) {
		h.deliver(ns, part, true)
		for _, s := range part {
			s.Body.Forget()
		}
	}
}

// deliver delivers signals to those who want something of them, or to all
// others.
func (h *Hub) deliver(ns string, signals []*Signal, wanting bool) {
	b, named := batch{signals: signals}, h.byNamespace[ns]
	for c, members := range h.everything {
		if (c.want != nil) == wanting {
			h.count(b.deliver(c, members, named[c]))
		}
	}
	for c, members := range named {
		if _, done := h.everything[c]; !done && (c.want != nil) == wanting {
			h.count(b.deliver(c, members, nil))
		}
	}
}

func (h *Hub) count(filtered int64) {
	if filtered > 0 {
		h.filtered.Add(filtered)
	}
}

// deliver delivers the batch to members of a circle, and returns how often
// their filter has kept a signal from one of them.
func (b *batch) deliver(c *circle, members, more set) (filtered int64) {
	if e := b.edition(c.audience, c.want); e != nil {
		e.deliver(members)
		e.deliver(more)
	}
	for _, i := range b.filtered {
		filtered += members.others(b.signals[i].Origin) + more.others(b.signals[i].Origin)
	}
	if filtered > 0 && c.want.Filtered != nil {
		c.want.Filtered(filtered)
	}
	return filtered
}

// others returns how many members there are besides one and its kin.
func (m set) others(s Subscriber) int64 {
	n := int64(len(m))
	if _, akin := s.(Kindred); akin {
		for member := range m {
			if caused(s, member) {
				n--
			}
		}
		return n
	}
	if _, in := m[s]; in {
		n--
	}
	return n
}
