package enforcer

import "sync"

// cache remembers rights, so that they are combined once.
type cache struct {
	mu        sync.RWMutex
	bySet     map[string]*Rights // by the groups that the callers belong to
	byContent map[string]*Rights // each once
	room      int                // bytes that are left
	capacity  int                // bytes; exceeding it forgets everything
}

// get returns the rights of those who belong to the groups, if they are known.
func (c *cache) get(set groupSet) (r *Rights, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok = c.bySet[string(set)]
	return r, ok
}

// put remembers the rights of those who belong to the groups and returns them, or rights with the same content if there are
// some.
func (c *cache) put(set groupSet, r *Rights, content []byte) *Rights {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bySet == nil {
		c.forget()
	}
	cost := len(set) + mapEntry
	same, known := c.byContent[string(content)]
	if known {
		r = same
	}
	if !known || cost > c.room {
		cost += len(content) + mapEntry + r.size()
		if cost > c.room {
			c.forget()
		}
		c.byContent[string(content)] = r
	}
	c.bySet[string(set)] = r
	c.room -= cost
	return r
}

// forget makes all of the room available.
func (c *cache) forget() {
	c.bySet, c.byContent, c.room = map[string]*Rights{}, map[string]*Rights{}, c.capacity
}
