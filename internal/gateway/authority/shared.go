package authority

import (
	"sync"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// shared keeps one enforcer for all policies that say the same: a gateway may
// have a million things, each with a policy of its own, and few different
// policies.
//
// Enforcers make room for others by the clock algorithm. Those that are heavy
// do so only among themselves, so that one of them neither costs many others
// their place nor has to be compiled for every use.
type shared struct {
	mu    sync.Mutex
	by    map[string]*sharedEnforcer
	limit int64 // of the light ones, in bytes
	light clock[*sharedEnforcer]
	heavy clock[*sharedEnforcer]
}

const (
	// heavyPart is the part of the limit above which an enforcer is heavy.
	heavyPart = 8
	// maxHeavy is how many heavy enforcers there are.
	maxHeavy = 2
	// sharedOverhead is what an enforcer takes beside itself and its text, in
	// bytes.
	sharedOverhead = 256
)

// sharedEnforcer is an enforcer with the policies that use it. Its text is
// what they have in common, "" if it is not shared.
type sharedEnforcer struct {
	*enforcer.Enforcer
	text  string
	size  int64
	users map[*Compiled]struct{}
	clock *clock[*sharedEnforcer] // that it is on
	turn  slot
	gone  atomic.Bool
}

func (e *sharedEnforcer) slot() *slot { return &e.turn }
func (e *sharedEnforcer) cost() int64 { return e.size }

// find has a policy use the enforcer for a text and reports whether there is
// one.
func (s *shared) find(c *Compiled, text []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.by[string(text)]
	if e != nil {
		e.use(c)
	}
	return e != nil
}

// peek returns the enforcer for a text, nil if there is none.
func (s *shared) peek(text []byte) *enforcer.Enforcer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.by[string(text)]; e != nil {
		return e.Enforcer
	}
	return nil
}

// add has a policy use an enforcer for a text, nil if nobody can share it, or
// that of somebody who was faster. It returns the policies that must be kept no
// more, since their enforcers had to make room.
func (s *shared) add(c *Compiled, text []byte, e *enforcer.Enforcer) (crowdedOut []*Compiled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.by[string(text)]; known != nil && text != nil {
		known.use(c)
		return nil
	}
	added := &sharedEnforcer{
		Enforcer: e, text: string(text), size: int64(e.Size() + len(text) + sharedOverhead), users: map[*Compiled]struct{}{},
	}
	added.use(c)
	added.clock = &s.light
	if added.size > s.limit/heavyPart {
		added.clock = &s.heavy
	}
	for s.full(added) {
		old := added.clock.next()
		s.remove(old)
		for user := range old.users {
			crowdedOut = append(crowdedOut, user)
		}
	}
	added.clock.add(added)
	if text != nil {
		if s.by == nil {
			s.by = map[string]*sharedEnforcer{}
		}
		s.by[added.text] = added
	}
	return crowdedOut
}

// full reports whether there is no room for one more.
func (s *shared) full(e *sharedEnforcer) bool {
	if e.clock == &s.heavy {
		return len(s.heavy.all) >= maxHeavy
	}
	return s.light.bytes+e.size > s.limit
}

// use notes a policy that uses the enforcer.
func (e *sharedEnforcer) use(c *Compiled) {
	e.users[c] = struct{}{}
	c.shared, c.Enforcer = e, e.Enforcer
}

// release says that a policy uses its enforcer no more.
func (s *shared) release(c *Compiled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := c.shared
	if delete(e.users, c); len(e.users) == 0 && !e.gone.Load() {
		s.remove(e)
	}
}

// remove lets nobody find an enforcer any more. Who uses it can see that.
func (s *shared) remove(e *sharedEnforcer) {
	e.gone.Store(true)
	e.clock.remove(e)
	if e.text != "" {
		delete(s.by, e.text)
	}
}
