package finder

import (
	"container/heap"
	"container/list"
)

// queue is of the searches of one user that wait for their turn, in lines: by how much work they have done. In each line the oldest
// comes first, so that of many that are alike few are under way, and keep what they need, and the others have not begun.
//
// How long a search will take is not known. To serve the oldest of all would let short ones wait behind long ones, and to serve all
// of them in turn lets all end at the end. So turns are shared by the lines, and not by searches: a short one waits for those short
// ones that came before it, and for no more than three turns for each of theirs; and what has begun goes on, however many come.
type queue struct {
	user  string
	among *list.Element
	lines [lines]line
	given int // turns
}

// lines is how many there are. The first is of searches with less than some turns so far, and so on.
const lines = 3

var upTo = [lines - 1]int{stepsPerCall, 8 * stepsPerCall}

// whose says which line has which turn, over and over.
var whose = [...]int{1, 0, 1, 2}

// add lets a place wait.
func (q *queue) add(p *place) {
	which := 0
	for which < len(upTo) && p.done >= upTo[which] {
		which++
	}
	p.line = &q.lines[which]
	heap.Push(p.line, p)
}

// next returns whose turn is next: that of the oldest in the line that has it. If there is nobody, it is that of the next line of
// shorter searches, or else of longer ones. Somebody must wait.
func (q *queue) next() *place {
	which := whose[q.given%len(whose)]
	q.given++
	for i := which; i >= 0; i-- {
		if l := q.lines[i]; len(l) > 0 {
			return l[0]
		}
	}
	for which < lines-1 && len(q.lines[which]) == 0 {
		which++
	}
	return q.lines[which][0]
}

// take takes a place out of the queue.
func (q *queue) take(p *place) {
	heap.Remove(p.line, p.at)
	p.line = nil
}

func (q *queue) empty() bool {
	for i := range q.lines {
		if len(q.lines[i]) > 0 {
			return false
		}
	}
	return true
}

// line is a heap of places, of which the oldest comes first. It implements heap.Interface.
type line []*place

// Len implements heap.Interface.
func (l line) Len() int { return len(l) }

// Less implements heap.Interface.
func (l line) Less(i, j int) bool { return l[i].number < l[j].number }

// Swap implements heap.Interface.
func (l line) Swap(i, j int) {
	l[i], l[j] = l[j], l[i]
	l[i].at, l[j].at = i, j
}

// Push implements heap.Interface.
func (l *line) Push(x any) {
	p, _ := x.(*place)
	p.at = len(*l)
	*l = append(*l, p)
}

// Pop implements heap.Interface.
func (l *line) Pop() any {
	last := len(*l) - 1
	p := (*l)[last]
	(*l)[last] = nil
	*l = (*l)[:last]
	return p
}
