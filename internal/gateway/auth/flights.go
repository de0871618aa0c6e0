package auth

import "sync"

// verdict is what came out of a verification.
type verdict uint8

const (
	undecided verdict = iota // it did not take place
	mismatched
	matched
)

// flight is a verification that is going on. Its verdict may be read when done is closed.
type flight struct {
	done    chan struct{}
	verdict verdict
}

// flights are the verifications going on; equal ones are done once.
type flights struct {
	mu sync.Mutex
	by map[fingerprint]*flight
}

// join returns the flight of p. The one who is told to lead must land it.
func (f *flights) join(p fingerprint) (fl *flight, lead bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl, ok := f.by[p]; ok {
		return fl, false
	}
	fl = &flight{done: make(chan struct{})}
	f.by[p] = fl
	return fl, true
}

// land ends the flight of p and tells everyone who joined it.
func (f *flights) land(p fingerprint, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.by, p)
	close(fl.done)
}
