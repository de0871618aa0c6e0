package authority

import (
	"sync"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// shared keeps one enforcer for all kept policies that say the same: a gateway
// may have a million things, each with a policy of its own, and few different
// policies.
type shared struct {
	mu    sync.Mutex
	by    map[string]*sharedEnforcer
	bytes int64 // of all enforcers that are in use
}

// sharedEnforcer is an enforcer and how many kept policies use it. Its text is
// what they have in common, "" if it is not shared.
type sharedEnforcer struct {
	*enforcer.Enforcer
	text string
	size int64
	uses int
}

// find returns the enforcer for a text, in use once more, nil if there is none.
func (s *shared) find(text []byte) *sharedEnforcer {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.by[string(text)]
	if e != nil {
		e.uses++
	}
	return e
}

// add takes over an enforcer for a text, nil if nobody can share it, and
// returns the one to be used, which is that of somebody who was faster.
func (s *shared) add(text []byte, e *enforcer.Enforcer) *sharedEnforcer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.by[string(text)]; known != nil && text != nil {
		known.uses++
		return known
	}
	added := &sharedEnforcer{Enforcer: e, text: string(text), size: int64(e.Size() + len(text)), uses: 1}
	s.bytes += added.size
	if text != nil {
		if s.by == nil {
			s.by = map[string]*sharedEnforcer{}
		}
		s.by[added.text] = added
	}
	return added
}

// release says that one kept policy uses an enforcer no more.
func (s *shared) release(e *sharedEnforcer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.uses--; e.uses > 0 {
		return
	}
	s.bytes -= e.size
	if e.text != "" {
		delete(s.by, e.text)
	}
}

// size returns what all enforcers take that are in use, in bytes.
func (s *shared) size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}
