package push

import (
	"context"
	"sync"
)

// sharedCopy is the snapshot of an order while pods are sent it: there is one,
// whatever the number of pods, and none when it is not being sent.
type sharedCopy struct {
	turn chan struct{} // holds one; who has it may fetch

	mu    sync.Mutex
	users int
	data  []byte // nil without users
	free  func() // what to call without users
}

func newSharedCopy() *sharedCopy { return &sharedCopy{turn: make(chan struct{}, 1)} }

// take returns the copy, fetched if nobody has it. The caller leaves it when
// done, once.
func (s *sharedCopy) take(ctx context.Context, fetch func() ([]byte, func(), error)) (data []byte, leave func(), err error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, plain(ctx.Err())
	}
	defer func() { <-s.turn }()
	if data, ok := s.join(); ok {
		return data, s.leave, nil
	}
	data, free, err := fetch()
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users, s.data, s.free = 1, data, free
	return data, s.leave, nil
}

func (s *sharedCopy) join() (data []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		return nil, false
	}
	s.users++
	return s.data, true
}

func (s *sharedCopy) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users == 0 {
		s.free()
		s.data, s.free = nil, nil
	}
}
