package pubsub

import (
	"slices"
	"sync"

	"github.com/twinway/twinway/internal/gateway/wire"
)

// Hub connects publishers with the subscribers of one signal type. The zero
// Hub is not usable; see NewHub.
type Hub struct {
	mu          sync.RWMutex
	everything  set            // subscribers without a restriction
	byNamespace map[string]set // subscribers by each namespace they named
	wanted      map[Subscriber][]string
}

type set map[Subscriber]struct{}

// NewHub returns a hub without subscribers.
func NewHub() *Hub {
	return &Hub{everything: set{}, byNamespace: map[string]set{}, wanted: map[Subscriber][]string{}}
}

// Subscribe delivers from now on what is published in the namespaces, in all
// if there are none. It replaces what the subscriber asked for before.
func (h *Hub) Subscribe(s Subscriber, namespaces []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
	h.wanted[s] = slices.Clone(namespaces)
	if len(namespaces) == 0 {
		h.everything[s] = struct{}{}
	}
	for _, ns := range namespaces {
		if h.byNamespace[ns] == nil {
			h.byNamespace[ns] = set{}
		}
		h.byNamespace[ns][s] = struct{}{}
	}
}

// Unsubscribe ends the subscription of s, if it has one.
func (h *Hub) Unsubscribe(s Subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
}

func (h *Hub) remove(s Subscriber) {
	namespaces, ok := h.wanted[s]
	if !ok {
		return
	}
	delete(h.wanted, s)
	delete(h.everything, s)
	for _, ns := range namespaces {
		delete(h.byNamespace[ns], s)
		if len(h.byNamespace[ns]) == 0 {
			delete(h.byNamespace, ns)
		}
	}
}

// Subscribers returns how many there are.
func (h *Hub) Subscribers() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.wanted)
}

// Publish delivers signals, in order for each namespace.
func (h *Hub) Publish(signals []*Signal) {
	if len(signals) == 0 {
		return
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(h.wanted) == 0 {
		return
	}
	for ns, part := range byNamespace(signals) {
		h.publish(ns, part)
	}
}

// publish delivers the signals of one namespace.
func (h *Hub) publish(ns string, signals []*Signal) {
	named := h.byNamespace[ns]
	if len(h.everything)+len(named) == 0 {
		return
	}
	batch := encode(signals)
	for s := range h.everything {
		batch.deliver(s)
	}
	for s := range named {
		batch.deliver(s)
	}
}

// batch is a run of signals, encoded.
type batch struct {
	signals []*Signal
	burst   wire.Burst
}

// usualSignal is what the envelope of a signal takes, as a rule, in bytes.
const usualSignal = 512

func encode(signals []*Signal) batch {
	b := wire.NewBurst(len(signals), usualSignal)
	for _, s := range signals {
		b.Add(s.Body.AppendSignal)
	}
	return batch{signals: signals, burst: b}
}

// deliver hands the batch to a subscriber, less what it caused itself.
func (b batch) deliver(s Subscriber) {
	own := func(signal *Signal) bool { return signal.Origin == s }
	first := slices.IndexFunc(b.signals, own)
	if first < 0 {
		s.Deliver(b.burst)
		return
	}
	rest := b.burst.Without(func(i int) bool { return own(b.signals[i]) })
	if rest.Len() > 0 {
		s.Deliver(rest)
	}
}
