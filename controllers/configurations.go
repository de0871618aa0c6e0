package controllers

import (
	"container/list"
	"sync"
)

// configurationsCapacity bounds the encoded configurations that are kept, in
// bytes. Those beyond are made, or read, again when they are needed.
const configurationsCapacity = 4 << 20

// configurations are encoded configurations by their hashes, the least recently
// used dropped when they become too much. They are shared and must not be changed.
type configurations struct {
	capacity int

	mu     sync.Mutex
	size   int
	recent *list.List // of configuration, the most recently used in front
	byHash map[string]*list.Element
}

type configuration struct {
	hash    string
	encoded []byte
}

func newConfigurations(capacity int) *configurations {
	return &configurations{capacity: capacity, recent: list.New(), byHash: map[string]*list.Element{}}
}

// get returns a configuration, nil when it is not kept.
func (c *configurations) get(hash string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.byHash[hash]
	if !ok {
		return nil
	}
	c.recent.MoveToFront(element)
	return element.Value.(configuration).encoded
}

func (c *configurations) put(hash string, encoded []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.byHash[hash]; ok {
		c.recent.MoveToFront(element)
		return
	}
	c.byHash[hash] = c.recent.PushFront(configuration{hash, encoded})
	c.size += len(encoded)
	for c.size > c.capacity {
		dropped := c.recent.Remove(c.recent.Back()).(configuration)
		delete(c.byHash, dropped.hash)
		c.size -= len(dropped.encoded)
	}
}
