package broker

import (
	"crypto/rand"
	"hash/maphash"
	"strings"
	"sync"
)

// stripes is into how many parts the book of live ids is divided, each with a lock of its own.
const stripes = 16

// liveIDs finds the waits of live signals by the correlation ids with which they are delivered.
type liveIDs struct {
	seed    maphash.Seed
	stripes [stripes]stripe
}

type stripe struct {
	mu    sync.Mutex
	waits book[*Wait]
}

func newLiveIDs() *liveIDs { return &liveIDs{seed: maphash.MakeSeed()} }

func (l *liveIDs) stripe(id string) *stripe {
	return &l.stripes[maphash.String(l.seed, id)%stripes]
}

// maxTries is how many ids are tried for one delivery. More than one fails only if somebody expects the next ones.
const maxTries = 8

// claim finds a correlation id for a wait under which no other is waiting, and enters the wait. Protocol rule: it is the
// requester's if that is free, and else has an underscore and something random behind it.
func (l *liveIDs) claim(w *Wait) bool {
	id := w.terms.CorrelationID
	for range maxTries {
		if l.enter(id, w) {
			w.id = id
			return true
		}
		id = w.terms.CorrelationID + "_" + rand.Text()
	}
	return false
}

func (l *liveIDs) enter(id string, w *Wait) bool {
	s := l.stripe(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waits.enter(id, w)
}

// strike takes out a wait, if it is in.
func (l *liveIDs) strike(w *Wait) {
	s := l.stripe(w.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits.strike(w.id, w)
}

// find returns the wait under an id, nil if there is none.
func (l *liveIDs) find(id string) *Wait {
	s := l.stripe(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waits.get(id)
}

// unsuffixed returns an id without the suffix that a receiver may have been given it with.
func unsuffixed(id string) (base string, had bool) {
	at := strings.LastIndexByte(id, '#')
	if at < 0 || at+1 == len(id) || strings.Trim(id[at+1:], "0123456789") != "" {
		return id, false
	}
	return id[:at], true
}
