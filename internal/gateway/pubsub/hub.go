package pubsub

import (
	"slices"
	"sync"
)

// Hub connects publishers with the subscribers of one signal type. The zero
// Hub is not usable; see NewHub.
type Hub struct {
	mu            sync.RWMutex
	everything    listeners            // subscribers without a restriction
	byNamespace   map[string]listeners // subscribers by each namespace they named
	circles       map[string]*circle   // by the key of their audience; none is empty
	subscriptions map[Subscriber]subscription
}

// subscription is what a subscriber asked for, and as whom.
type subscription struct {
	circle     *circle
	namespaces []string
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub {
	return &Hub{
		everything: listeners{}, byNamespace: map[string]listeners{},
		circles: map[string]*circle{}, subscriptions: map[Subscriber]subscription{},
	}
}

// Subscribe delivers from now on what is published in the namespaces, in all
// if there are none, as the subscriber's audience may see it now. It replaces
// what the subscriber asked for before.
func (h *Hub) Subscribe(s Subscriber, namespaces []string) {
	audience := s.Audience()
	key := audience.key()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
	c := h.join(audience, key)
	h.subscriptions[s] = subscription{circle: c, namespaces: slices.Clone(namespaces)}
	if len(namespaces) == 0 {
		h.everything.add(c, s)
	}
	for _, ns := range namespaces {
		if h.byNamespace[ns] == nil {
			h.byNamespace[ns] = listeners{}
		}
		h.byNamespace[ns].add(c, s)
	}
}

// join returns the circle of the audience, with one more subscriber.
func (h *Hub) join(a *Audience, key string) *circle {
	c := h.circles[key]
	if c == nil {
		c = &circle{audience: a, key: key}
		h.circles[key] = c
	}
	c.size++
	return c
}

// Unsubscribe ends the subscription of s, if it has one.
func (h *Hub) Unsubscribe(s Subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
}

func (h *Hub) remove(s Subscriber) {
	was, ok := h.subscriptions[s]
	if !ok {
		return
	}
	delete(h.subscriptions, s)
	h.everything.remove(was.circle, s)
	for _, ns := range was.namespaces {
		h.byNamespace[ns].remove(was.circle, s)
		if len(h.byNamespace[ns]) == 0 {
			delete(h.byNamespace, ns)
		}
	}
	was.circle.size--
	if was.circle.size == 0 {
		delete(h.circles, was.circle.key)
	}
}

// Subscribers returns how many there are.
func (h *Hub) Subscribers() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.subscriptions)
}

// Publish delivers signals, in order for each namespace.
func (h *Hub) Publish(signals []*Signal) {
	if len(signals) == 0 {
		return
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(h.subscriptions) == 0 {
		return
	}
	for ns, part := range byNamespace(signals) {
		h.publish(ns, part)
	}
}

// publish delivers the signals of one namespace.
func (h *Hub) publish(ns string, signals []*Signal) {
	b, named := batch{signals: signals}, h.byNamespace[ns]
	for c, members := range h.everything {
		if e := b.edition(c.audience); e != nil {
			e.deliver(members)
			e.deliver(named[c])
		}
	}
	for c, members := range named {
		if _, done := h.everything[c]; done {
			continue
		}
		if e := b.edition(c.audience); e != nil {
			e.deliver(members)
		}
	}
}
