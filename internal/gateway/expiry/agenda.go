package expiry

import (
	"container/heap"
	"time"
)

// agenda is the wards by when they are to be attended to. It is a heap.
type agenda []*ward

// nowhere is the place of a ward that is not on the agenda.
const nowhere = -1

// put has a ward attended to at a time and not at another one, or not at all
// if that is zero.
func (a *agenda) put(w *ward, at time.Time) {
	w.at = at
	switch {
	case at.IsZero() && w.place != nowhere:
		heap.Remove(a, w.place)
	case at.IsZero():
	case w.place == nowhere:
		heap.Push(a, w)
	default:
		heap.Fix(a, w.place)
	}
}

// pop removes the first ward if its time has come, nil if there is none.
func (a *agenda) pop(now time.Time) *ward {
	if !reached(a.next(), now) {
		return nil
	}
	return heap.Pop(a).(*ward)
}

// next returns the time of the first ward, zero if there is none.
func (a *agenda) next() time.Time {
	if len(*a) == 0 {
		return time.Time{}
	}
	return (*a)[0].at
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (a *agenda) Len() int           { return len(*a) }
func (a *agenda) Less(i, j int) bool { return (*a)[i].at.Before((*a)[j].at) }

func (a *agenda) Swap(i, j int) {
	s := *a
	s[i], s[j] = s[j], s[i]
	s[i].place, s[j].place = i, j
}

func (a *agenda) Push(x any) {
	w := x.(*ward)
	w.place = len(*a)
	*a = append(*a, w)
}

func (a *agenda) Pop() any {
	s := *a
	last := len(s) - 1
	w := s[last]
	s[last] = nil
	*a = s[:last]
	w.place = nowhere
	return w
}
