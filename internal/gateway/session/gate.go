package session

import "sync"

// gate bounds the messages in flight of a session.
type gate struct {
	mu    sync.Mutex
	freed sync.Cond
	used  int
	limit int
}

func newGate(limit int) *gate {
	g := &gate{limit: limit}
	g.freed.L = &g.mu
	return g
}

// enter takes a place, waiting for one. The wait ends because every place is
// given back: each message is answered, or given up with the connection.
func (g *gate) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.used >= g.limit {
		g.freed.Wait()
	}
	g.used++
}

// leave gives n places back.
func (g *gate) leave(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.used -= n
	g.freed.Signal()
}
