package deadline

// slot is the timers that are due within some ticks, in a ring.
type slot struct {
	first *Timer
	// earliest is when the first one was due of those that have been in the slot
	// since it was empty. No timer in it is due earlier.
	earliest tick
}

func (s *slot) push(t *Timer) {
	first := s.first
	if first == nil {
		s.first, s.earliest = t, t.due
		t.next, t.prev = t, t
		return
	}
	s.earliest = min(s.earliest, t.due)
	t.next, t.prev = first, first.prev
	t.prev.next, first.prev = t, t
}

func (s *slot) unlink(t *Timer) {
	switch {
	case t.next == t:
		s.first = nil
	case s.first == t:
		s.first = t.next
	}
	t.prev.next, t.next.prev = t.next, t.prev
	t.next, t.prev = nil, nil
}
