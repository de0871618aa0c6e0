package finder

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Changes knows of properties which things lack them, as long as those are few, and sees to it that this stays true when things
// change. So a search that sorts by a property need not go through all that have it in order to find those that do not.
//
// It is found out once which things lack a property. From before the view on in which that is done, each batch tells which things
// come to lack the property, before it is applied; and who asks with a view made later gets both together. Which things do not
// lack it any more is told until it was found out, for those whose views were made while batches told but are older than that view.
// After that it is not: they are looked at, and left out.
//
// It is safe for concurrent use. The zero value knows nothing.
type Changes struct {
	// applying is held for reading while a batch is applied, so that no batch that has told nothing becomes visible after
	// somebody has begun to watch.
	applying sync.RWMutex
	things   atomic.Int64 // made less those deleted since the beginning

	mu      sync.Mutex
	now     moment
	watches map[string]*watch // by the beginning of the property's entries; changed only while applying is held for writing
}

// moment orders views, and what is known, in time.
type moment uint64

// maxLacking is how many things may lack a property if it is to be known which.
const maxLacking = 1000

// maxWatches is of how many properties it is known which things lack them.
const maxWatches = 16

// watch is what is known of a property.
type watch struct {
	property []byte
	used     moment
	began    moment              // when batches began to tell
	learned  bool                // which things lacked it before
	lacking  map[string]struct{} // nil: there are too many
	asked    int                 // how often since there are
}

// patience is how often somebody asks for a property that too many things lack before it is found out again whether they still do.
const patience = 1000

// Of returns a store with the same content whose batches tell what they change.
func (c *Changes) Of(s store.Store) store.Store { return told{s, c} }

// told is a store whose batches tell what they change.
type told struct {
	store.Store
	changes *Changes
}

// Apply implements store.Store.
func (t told) Apply(batch []store.Append) (store.Commit, error) {
	c := t.changes
	c.applying.RLock()
	defer c.applying.RUnlock()
	made := int64(0)
	for i := range batch {
		if a := &batch[i]; a.Key.Kind == store.Thing {
			made += c.tell(a.Key.ID, &a.Index)
		}
	}
	commit, err := t.Store.Apply(batch)
	if err == nil && made != 0 {
		c.things.Add(made)
	}
	return commit, err
}

// tell notes what a change of a thing's entries does, and returns how many things more there are.
func (c *Changes) tell(id string, change *store.IndexChange) (made int64) {
	switch {
	case hasThing(change.Remove):
		made = -1
	case hasThing(change.Add):
		made = 1
	}
	for _, w := range c.watches {
		removed, added := hasEntry(change.Remove, w.property), hasEntry(change.Add, w.property)
		switch {
		case (made > 0 || made == 0 && removed) && !added:
			c.lacks(w, id)
		case !removed && (made < 0 || made == 0 && added):
			c.lacked(w, id)
		}
	}
	return made
}

// since returns how many things more there are than when it was so many.
func (c *Changes) since(made int64) int64 {
	if c == nil {
		return 0
	}
	return c.things.Load() - made
}

// lacks notes that a thing lacks a property, perhaps. If there are too many, nothing is known any more.
func (c *Changes) lacks(w *watch, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.lacking == nil {
		return
	}
	if w.lacking[id] = struct{}{}; len(w.lacking) > 2*maxLacking {
		w.lacking = nil
	}
}

// lacked notes that a thing perhaps lacked a property, and does not any more. That matters until it is learned which do.
func (c *Changes) lacked(w *watch, id string) {
	c.mu.Lock()
	learned := w.learned
	c.mu.Unlock()
	if !learned {
		c.lacks(w, id)
	}
}

func hasThing(entries [][]byte) bool {
	for _, e := range entries {
		if bytes.Equal(e, index.Things.Lower) {
			return true
		}
	}
	return false
}

func hasEntry(entries [][]byte, property []byte) bool {
	for _, e := range entries {
		if bytes.HasPrefix(e, property) {
			return true
		}
	}
	return false
}

// expect has batches tell which things come to lack what things are sorted by, and returns the moment after which a view may be
// made. Nothing is known of a nil Changes.
func (c *Changes) expect(o order) memory {
	if c == nil {
		return memory{}
	}
	if len(o) > 0 && o.walkable() && !o[0].isID() {
		c.watch(o[0].entries.Range().Lower)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return memory{c, c.now}
}

// memory is what is known in views made after a moment. It is a part of a Source.
type memory struct {
	changes *Changes
	made    moment
}

// Lacking implements Source.
func (m memory) Lacking(property index.Range) (ids []string, known Knowledge) {
	if m.changes == nil {
		return nil, TooMany
	}
	return m.changes.lacking(property.Lower, m.made)
}

// Learn implements Source.
func (m memory) Learn(property index.Range, lacking []string, known Knowledge) {
	if m.changes != nil {
		m.changes.learn(property.Lower, m.made, lacking, known)
	}
}

// watch has batches tell which things come to lack a property, from now on unless they do, or are too many.
func (c *Changes) watch(property []byte) {
	if c.watched(property) {
		return
	}
	c.applying.Lock()
	defer c.applying.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	if c.watches == nil {
		c.watches = map[string]*watch{}
	}
	if len(c.watches) >= maxWatches {
		c.forget()
	}
	c.watches[string(property)] = &watch{property: bytes.Clone(property), used: c.now, began: c.now, lacking: map[string]struct{}{}}
}

// watched reports whether batches tell which things come to lack a property, or need not, and notes that somebody has asked.
func (c *Changes) watched(property []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watches[string(property)]
	if w == nil {
		return false
	}
	if w.lacking == nil {
		w.asked++
	}
	c.now++
	w.used = c.now
	return w.asked < patience
}

// forget forgets the property that was not asked for for the longest time.
func (c *Changes) forget() {
	var oldest *watch
	for _, w := range c.watches {
		if oldest == nil || w.used < oldest.used {
			oldest = w
		}
	}
	delete(c.watches, string(oldest.property))
}

// lacking returns things among which are all that lack a property in views made after a moment.
func (c *Changes) lacking(property []byte, made moment) ([]string, Knowledge) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watches[string(property)]
	switch {
	case w == nil:
		return nil, TooMany // it was forgotten
	case w.lacking == nil || made < w.began:
		return nil, TooMany
	case !w.learned:
		return nil, Unknown
	}
	ids := make([]string, 0, len(w.lacking))
	for id := range w.lacking {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, Known
}

// learn notes which things lack a property in a view that was made after a moment.
func (c *Changes) learn(property []byte, made moment, lacking []string, known Knowledge) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watches[string(property)]
	if w == nil || w.lacking == nil || made < w.began {
		return
	}
	if known != Known {
		w.lacking = nil
		return
	}
	for _, id := range lacking {
		w.lacking[id] = struct{}{}
	}
	w.learned = true
}
