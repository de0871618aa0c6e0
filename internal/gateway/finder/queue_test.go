package finder

import (
	"math/rand/v2"
	"testing"
)

// served is a queue of searches of which each needs some turns, served one at a time.
type served struct {
	queue
	numbers uint64
	needs   map[*place]int
	begun   int // searches that have begun and not ended
}

func newServed() *served { return &served{needs: map[*place]int{}} }

// come lets a search wait.
func (s *served) come(turns int) *place {
	s.numbers++
	p := &place{number: s.numbers}
	s.needs[p] = turns
	s.add(p)
	return p
}

// turn serves the next search, and reports whether it has ended.
func (s *served) turn() (p *place, ended bool) {
	p = s.next()
	s.take(p)
	if p.done++; p.done == 1 {
		s.begun++
	}
	if p.done == s.needs[p] {
		s.begun--
		delete(s.needs, p)
		return p, true
	}
	s.add(p)
	return p, false
}

// Of many searches that are alike few are under way, and they end in the order in which they have come.
func TestSearchesAlikeEndOneAfterTheOther(t *testing.T) {
	for turns, most := range map[int]int{1: 1, stepsPerCall: 1, 3 * stepsPerCall: 3} {
		s := newServed()
		for range 10_000 {
			s.come(turns)
		}
		last := uint64(0)
		for !s.empty() {
			p, ended := s.turn()
			if s.begun > most {
				t.Fatalf("%d with %d turns each are under way", s.begun, turns)
			}
			if ended && p.number != last+1 {
				t.Fatalf("with %d turns each %d ends after %d", turns, p.number, last)
			} else if ended {
				last = p.number
			}
		}
	}
}

// A short search waits for a few turns, however many long ones have begun, and a long one goes on, however many short ones come.
func TestShortSearchesDoNotWaitForLongOnes(t *testing.T) {
	s := newServed()
	var long []*place
	for range 3 {
		long = append(long, s.come(1<<20))
	}
	for range 3 * 100 * stepsPerCall {
		s.turn()
	}
	before := long[0].done
	const short = 1000
	for range short {
		p := s.come(1)
		for turns := 1; ; turns++ {
			if got, _ := s.turn(); got == p {
				break
			} else if turns == len(whose) {
				t.Fatalf("a short one waits for more than %d turns", turns)
			}
		}
	}
	for range short {
		s.come(1)
	}
	for range short {
		s.turn()
	}
	if n := long[0].done - before; n < short/len(whose) {
		t.Errorf("meanwhile a long one has had %d turns", n)
	}
}

// Who gives up leaves the others where they are: the oldest comes first.
func TestPlacesAreLeft(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s := newServed()
	var all []*place
	for range 1000 {
		all = append(all, s.come(1))
	}
	for _, i := range random.Perm(len(all))[:500] {
		s.take(all[i])
	}
	last := uint64(0)
	for n := 500; n > 0; n-- {
		p, _ := s.turn()
		if p.number <= last {
			t.Fatalf("%d comes after %d", p.number, last)
		}
		last = p.number
	}
	if !s.empty() {
		t.Error("somebody still waits")
	}
}
