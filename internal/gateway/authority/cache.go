package authority

import (
	"hash/maphash"
	"sync"
)

// stripeCount is how many parts the cache has, so that readers seldom meet.
const stripeCount = 16

// cache keeps compiled policies, bounded by their size without that of their
// enforcers. What was not used for a while makes room: reading marks, and marks
// nothing else, so that readers do not exclude each other.
type cache struct {
	seed    maphash.Seed
	stripes [stripeCount]stripe
}

type stripe struct {
	mu    sync.RWMutex
	limit int64
	byID  map[string]*Compiled
	clock clock[*Compiled]
}

func newCache(maxBytes int64) *cache {
	c := &cache{seed: maphash.MakeSeed()}
	for i := range c.stripes {
		c.stripes[i].limit = maxBytes / stripeCount
		c.stripes[i].byID = map[string]*Compiled{}
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
	found := s.byID[id]
	if found != nil {
		found.turn.mark()
		found.shared.turn.mark()
	}
	return found
}

// put keeps a policy if it is still current, which is asked with the stripe
// locked, and returns what had to go.
func (c *cache) put(p *Compiled, current func() bool) (gone []*Compiled, kept bool) {
	s := c.stripe(p.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !current() {
		return nil, false
	}
	if old := s.byID[p.id]; old != nil {
		gone = append(gone, s.remove(old))
	}
	for len(s.byID) > 0 && s.clock.bytes+p.cost() > s.limit {
		gone = append(gone, s.remove(s.clock.next()))
	}
	s.byID[p.id] = p
	s.clock.add(p)
	return gone, true
}

// drop forgets a policy and returns what was kept of it, nil for nothing.
func (c *cache) drop(id string) *Compiled {
	s := c.stripe(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.byID[id]; p != nil {
		return s.remove(p)
	}
	return nil
}

// dropThis forgets p, unless something else is kept of that policy.
func (c *cache) dropThis(p *Compiled) {
	s := c.stripe(p.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[p.id] == p {
		s.remove(p)
	}
}

// dropAll forgets everything and returns it.
func (c *cache) dropAll() (all []*Compiled) {
	for i := range c.stripes {
		s := &c.stripes[i]
		s.mu.Lock()
		for _, p := range s.byID {
			all = append(all, s.remove(p))
		}
		s.mu.Unlock()
	}
	return all
}

// remove forgets what is there. Who still holds it is not told of changes any
// more, so it is stale.
func (s *stripe) remove(p *Compiled) *Compiled {
	p.stale.Store(true)
	delete(s.byID, p.id)
	s.clock.remove(p)
	return p
}
