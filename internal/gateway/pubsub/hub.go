package pubsub

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Hub connects publishers with the subscribers of one signal type. The zero
// Hub is not usable; see NewHub.
type Hub struct {
	mu            sync.RWMutex
	everything    listeners            // subscribers without a restriction to namespaces
	byNamespace   map[string]listeners // subscribers by each namespace they named
	circles       map[circleKey]*circle
	wants         wants
	wanting       int // how many circles want something
	subscriptions map[Subscriber]subscription
	filtered      atomic.Int64
}

// subscription is what a subscriber asked for, and as whom.
type subscription struct {
	circle     *circle
	namespaces []string
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub {
	return &Hub{
		everything: listeners{}, byNamespace: map[string]listeners{}, wants: wants{},
		circles: map[circleKey]*circle{}, subscriptions: map[Subscriber]subscription{},
	}
}

// Subscribe delivers from now on what is published and wanted, everything if
// w is nil, as the subscriber's audience may see it now. It replaces what the
// subscriber asked for before: of each signal it receives what it asked for
// before, or what it asks for now.
func (h *Hub) Subscribe(s Subscriber, w *Want) {
	audience := s.Audience()
	key := audience.key()
	h.mu.Lock()
	defer h.mu.Unlock()
	was, had := h.subscriptions[s]
	c := h.join(audience, key, w)
	if had {
		h.remove(s, was)
	}
	var namespaces []string
	if w != nil {
		namespaces = slices.Clone(w.Namespaces)
	}
	h.subscriptions[s] = subscription{circle: c, namespaces: namespaces}
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

// join returns the circle of those with the audience who want the same, with
// one more subscriber.
func (h *Hub) join(a *Audience, audience string, w *Want) *circle {
	key := circleKey{audience: audience, want: h.wants.take(w)}
	c := h.circles[key]
	if c == nil {
		c = &circle{audience: a, want: key.want, key: key}
		h.circles[key] = c
		if c.want != nil {
			h.wanting++
		}
	} else {
		h.wants.give(key.want)
	}
	c.size++
	return c
}

// Unsubscribe ends the subscription of s, if it has one.
func (h *Hub) Unsubscribe(s Subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if was, ok := h.subscriptions[s]; ok {
		h.remove(s, was)
	}
}

func (h *Hub) remove(s Subscriber, was subscription) {
	delete(h.subscriptions, s)
	h.everything.remove(was.circle, s)
	for _, ns := range was.namespaces {
		h.byNamespace[ns].remove(was.circle, s)
		if len(h.byNamespace[ns]) == 0 {
			delete(h.byNamespace, ns)
		}
	}
	h.leave(was.circle)
}

// leave takes a subscriber out of its circle.
func (h *Hub) leave(c *circle) {
	c.size--
	if c.size > 0 {
		return
	}
	delete(h.circles, c.key)
	if c.want != nil {
		h.wanting--
		h.wants.give(c.want)
	}
}

// Subscribers returns how many there are.
func (h *Hub) Subscribers() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.subscriptions)
}

// Filtered returns how many signals were not delivered because a filter did
// not match, counted once for each subscriber.
func (h *Hub) Filtered() int64 { return h.filtered.Load() }
