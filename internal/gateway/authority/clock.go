package authority

import "sync/atomic"

// clock tells which of some items was not used for a while, and what they take
// together, in bytes.
type clock[T timed] struct {
	all   []T
	bytes int64
	hand  int
}

// timed is an item on a clock. Its cost does not change while it is there.
type timed interface {
	slot() *slot
	cost() int64
}

// slot is what a clock knows about an item.
type slot struct {
	at   int
	used atomic.Bool // since the hand came by
}

// mark notes that the item is used. It is seldom not noted, and a store would
// have the readers fight for the line.
func (s *slot) mark() {
	if !s.used.Load() {
		s.used.Store(true)
	}
}

// add puts a newcomer behind the hand, or it would be the first to make room
// again.
func (c *clock[T]) add(item T) {
	at := min(c.hand, len(c.all))
	c.all = append(c.all, item)
	last := len(c.all) - 1
	c.all[at], c.all[last] = c.all[last], c.all[at]
	c.all[at].slot().at, c.all[last].slot().at = at, last
	c.hand = at + 1
	c.bytes += item.cost()
}

// next returns an item that was not used since the hand came by. There must be
// one at all.
func (c *clock[T]) next() T {
	for ; ; c.hand++ {
		if c.hand >= len(c.all) {
			c.hand = 0
		}
		if item := c.all[c.hand]; !item.slot().used.Swap(false) {
			return item
		}
	}
}

// remove puts the last in the place of what is removed.
func (c *clock[T]) remove(item T) {
	at, last := item.slot().at, len(c.all)-1
	c.all[at] = c.all[last]
	c.all[at].slot().at = at
	clear(c.all[last:])
	c.all = c.all[:last]
	c.bytes -= item.cost()
}
