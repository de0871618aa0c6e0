package push

import (
	"context"
	"sync"
)

// shares bounds how many snapshots are in memory, in all and for the Gateways of
// one namespace, so that those whose pods take long to take theirs leave places
// to the others. A namespace has an entry as long as it takes part.
type shares struct {
	all  chan struct{}
	each int

	mu         sync.Mutex
	namespaces map[string]*share
}

type share struct {
	places chan struct{}
	users  int // who have or wait for a place
}

func newShares(all int) *shares {
	return &shares{all: make(chan struct{}, all), each: max(1, all/4), namespaces: map[string]*share{}}
}

// take waits for a place. The caller frees it when done, once.
func (s *shares) take(ctx context.Context, namespace string) (free func(), err error) {
	own := s.enter(namespace)
	if err := occupy(ctx, own.places); err != nil {
		s.exit(namespace)
		return nil, err
	}
	if err := occupy(ctx, s.all); err != nil {
		<-own.places
		s.exit(namespace)
		return nil, err
	}
	return func() {
		<-s.all
		<-own.places
		s.exit(namespace)
	}, nil
}

func occupy(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *shares) enter(namespace string) *share {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.namespaces[namespace]
	if own == nil {
		own = &share{places: make(chan struct{}, s.each)}
		s.namespaces[namespace] = own
	}
	own.users++
	return own
}

func (s *shares) exit(namespace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.namespaces[namespace]
	if own.users--; own.users == 0 {
		delete(s.namespaces, namespace)
	}
}
