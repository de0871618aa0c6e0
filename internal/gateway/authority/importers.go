package authority

import "sync"

// importers knows which compiled policies were made of which others.
type importers struct {
	mu sync.Mutex
	by map[string]map[*Compiled]struct{} // by the id of what was used
}

func (i *importers) add(c *Compiled) {
	if len(c.uses) == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.by == nil {
		i.by = map[string]map[*Compiled]struct{}{}
	}
	for _, used := range c.uses {
		if i.by[used] == nil {
			i.by[used] = map[*Compiled]struct{}{}
		}
		i.by[used][c] = struct{}{}
	}
}

// remove forgets c, but not what else was compiled of the same policy.
func (i *importers) remove(c *Compiled) {
	if len(c.uses) == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, used := range c.uses {
		delete(i.by[used], c)
		if len(i.by[used]) == 0 {
			delete(i.by, used)
		}
	}
}

// of returns the ids of the policies that were made of a policy.
func (i *importers) of(id string) (ids []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for c := range i.by[id] {
		ids = append(ids, c.id)
	}
	return ids
}
