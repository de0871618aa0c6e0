package session

import "sync"

// gate bounds the messages in flight of a session.
type gate struct {
	mu      sync.Mutex
	changed sync.Cond
	used    int
	limit   int
	closed  bool
}

func newGate(limit int) *gate {
	g := &gate{limit: limit}
	g.changed.L = &g.mu
	return g
}

// enter takes a place, waiting for one, and reports whether it did: once the
// gate is closed there is none. The wait ends because every place is given back:
// each message is answered, or given up with the connection.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.used >= g.limit && !g.closed {
		g.changed.Wait()
	}
	if g.closed {
		return false
	}
	g.used++
	return true
}

// leave gives n places back.
func (g *gate) leave(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.used -= n
	g.changed.Broadcast()
}

// close lets nobody in any more.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.changed.Broadcast()
}

// wait returns when the last has left.
func (g *gate) wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.used > 0 {
		g.changed.Wait()
	}
}
