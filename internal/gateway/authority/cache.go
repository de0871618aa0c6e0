package authority

import (
	"hash/maphash"
	"sync"
)

// stripeCount is how many parts the cache has, so that readers seldom meet.
const stripeCount = 16

// keptOverhead is what a kept policy takes beside its id and what it was
// compiled to, in bytes.
const keptOverhead = 256

// cache keeps compiled policies, bounded by their size, and, as much again, by
// the size of the enforcers that they share. What was not used for
// a while makes room, by the clock algorithm: reading marks, and marks nothing
// else, so that readers do not exclude each other.
type cache struct {
	seed    maphash.Seed
	limit   int64 // of the enforcers
	stripes [stripeCount]stripe
}

type stripe struct {
	mu    sync.RWMutex
	limit int64
	used  int64
	byID  map[string]int // index in ring
	ring  []*Compiled
	hand  int
}

func newCache(maxBytes int64) *cache {
	c := &cache{seed: maphash.MakeSeed(), limit: maxBytes / 2}
	for i := range c.stripes {
		c.stripes[i].limit = maxBytes / 2 / stripeCount
		c.stripes[i].byID = map[string]int{}
	}
	return c
}

func (c *cache) stripe(id string) *stripe {
	return &c.stripes[maphash.String(c.seed, id)%stripeCount]
}

// get returns what is kept of a policy, nil if nothing is.
func (c *cache) get(id string) *Compiled {
	s := c.stripe(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, ok := s.byID[id]
	if !ok {
		return nil
	}
	found := s.ring[i]
	if !found.used.Load() { // a store would have the readers fight for the line
		found.used.Store(true)
	}
	return found
}

// put keeps a policy if it is still current, which is asked with the stripe
// locked, and returns what had to go. Enforcers is the size of all enforcers.
func (c *cache) put(p *Compiled, enforcers func() int64, current func() bool) (gone []*Compiled, kept bool) {
	s := c.stripe(p.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !current() {
		return nil, false
	}
	if i, ok := s.byID[p.id]; ok {
		gone = append(gone, s.removeAt(i))
	}
	excess := enforcers() - c.limit
	for len(s.ring) > 0 && (s.used+p.cost() > s.limit || excess > 0) {
		old := s.evict()
		gone = append(gone, old)
		excess -= old.shared.size // if nobody else uses it
	}
	s.byID[p.id] = len(s.ring)
	s.ring = append(s.ring, p)
	s.used += p.cost()
	return gone, true
}

// drop forgets a policy and returns what was kept of it, nil for nothing.
func (c *cache) drop(id string) *Compiled {
	s := c.stripe(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.byID[id]
	if !ok {
		return nil
	}
	return s.removeAt(i)
}

// dropAll forgets everything and returns it.
func (c *cache) dropAll() (all []*Compiled) {
	for i := range c.stripes {
		s := &c.stripes[i]
		s.mu.Lock()
		for _, p := range s.ring {
			p.stale.Store(true)
			all = append(all, p)
		}
		clear(s.ring)
		clear(s.byID)
		s.ring, s.used, s.hand = s.ring[:0], 0, 0
		s.mu.Unlock()
	}
	return all
}

// evict removes what was not used since the hand came by.
func (s *stripe) evict() *Compiled {
	for {
		if s.hand >= len(s.ring) {
			s.hand = 0
		}
		if !s.ring[s.hand].used.Swap(false) {
			return s.removeAt(s.hand)
		}
		s.hand++
	}
}

// removeAt puts the last of the ring in the place of what is removed. Who
// still holds that is not told of changes any more, so it is stale.
func (s *stripe) removeAt(i int) *Compiled {
	old, last := s.ring[i], len(s.ring)-1
	old.stale.Store(true)
	s.ring[i] = s.ring[last]
	s.byID[s.ring[i].id] = i
	s.ring[last] = nil
	s.ring = s.ring[:last]
	delete(s.byID, old.id)
	s.used -= old.cost()
	return old
}

func (c *Compiled) cost() int64 { return int64(len(c.id) + keptOverhead) }
