package soak

import "sync"

// suspects are requests that got the answer to another one. That is right if the other one was over by then: who uses a
// correlation id again cannot tell a late answer from one in time.
type suspects struct {
	mu    sync.Mutex
	pairs [][2]*request
}

func (w *world) suspect(r, other *request) {
	w.suspects.mu.Lock()
	defer w.suspects.mu.Unlock()
	w.suspects.pairs = append(w.suspects.pairs, [2]*request{r, other})
}

// acquit looks at them when all outcomes are known.
func (w *world) acquit() {
	for _, pair := range w.suspects.pairs {
		if r, other := pair[0], pair[1]; !other.over() {
			w.t.Errorf("%s got the answer to %s, which was not over", r, other)
		}
	}
	w.suspects.pairs = nil
	w.shared.Clear()
}
