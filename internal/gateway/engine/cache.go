package engine

import (
	"container/list"

	"github.com/twinway/twinway/internal/gateway/store"
)

// recordOverhead estimates what a cached record costs beside its bytes: map
// entry, list element, key and header.
const recordOverhead = 320

// cached is a record together with the number of the group that wrote it.
type cached struct {
	key    store.Key
	record *store.Record
	group  uint64
}

func (c *cached) size() int64 {
	return int64(len(c.record.Doc) + len(c.record.Meta) + len(c.key.ID) + recordOverhead)
}

// cache keeps the records that a shard used last, bounded by their bytes. It
// belongs to the shard's deciding goroutine.
type cache struct {
	limit, used int64
	entries     map[store.Key]*list.Element
	order       *list.List // front = used last; values are *cached
}

func newCache(limit int64) *cache {
	return &cache{limit: limit, entries: map[store.Key]*list.Element{}, order: list.New()}
}

func (c *cache) get(key store.Key) (*cached, bool) {
	e, ok := c.entries[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached), true
}

// pending returns the record of an entity, and the number of the group that put
// it, if that comes after the one that is known to be durable.
func (c *cache) pending(key store.Key, durable uint64) (*store.Record, uint64) {
	e, ok := c.entries[key]
	if !ok || e.Value.(*cached).group <= durable {
		return nil, 0
	}
	return e.Value.(*cached).record, e.Value.(*cached).group
}

// put keeps a record. It evicts nothing; see trim.
func (c *cache) put(key store.Key, record *store.Record, group uint64) {
	if e, ok := c.entries[key]; ok {
		old := e.Value.(*cached)
		c.used -= old.size()
		old.record, old.group = record, group
		c.used += old.size()
		c.order.MoveToFront(e)
	} else {
		entry := &cached{key: key, record: record, group: group}
		c.entries[key] = c.order.PushFront(entry)
		c.used += entry.size()
	}
}

// trim evicts what was not used for longest until the limit is kept. It must
// not be called between the decision of a change and its Apply: until then the
// record is nowhere else. After that, evicting a record that is not durable
// yet is harmless: the store shows what was applied, and a record read from
// the store counts as no older than the group that was applied last.
func (c *cache) trim() {
	for c.used > c.limit && c.order.Len() > 1 {
		c.evict(c.order.Back())
	}
}

func (c *cache) drop(key store.Key) {
	if e, ok := c.entries[key]; ok {
		c.evict(e)
	}
}

func (c *cache) evict(e *list.Element) {
	entry := e.Value.(*cached)
	c.used -= entry.size()
	c.order.Remove(e)
	delete(c.entries, entry.key)
}
