package kafka

import "sync"

// position is that of a message in the cluster.
type position struct {
	topic     string
	partition int32
	offset    int64
}

// maxStrikes is for how many messages it is remembered how often they were to come again. They are few: a partition waits for them.
const maxStrikes = 4096

// strikes counts how often messages were to come again, over all clients of a connection.
type strikes struct {
	mu  sync.Mutex
	all map[position]int
}

func newStrikes() *strikes { return &strikes{all: map[position]int{}} }

// of returns the count for a message.
func (s *strikes) of(p position) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[p]
}

// add counts once more, and returns the count.
func (s *strikes) add(p position) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.all[p]; !known && len(s.all) >= maxStrikes {
		for any := range s.all {
			delete(s.all, any)
			break
		}
	}
	s.all[p]++
	return s.all[p]
}

// forget drops the count of a message that does not come again.
func (s *strikes) forget(p position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, p)
}
