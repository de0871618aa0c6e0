package finder

import "slices"

// ids are ids of things, in little memory.
type ids struct {
	text []byte
	ends []int
}

// add adds an id. Room is doubled, since many may follow, and soon nothing is kept of it.
func (l *ids) add(id []byte) {
	if len(l.text)+len(id) > cap(l.text) {
		l.text = slices.Grow(l.text, len(l.text)+len(id))
	}
	if len(l.ends) == cap(l.ends) {
		l.ends = slices.Grow(l.ends, len(l.ends)+1)
	}
	l.text = append(l.text, id...)
	l.ends = append(l.ends, len(l.text))
}

func (l *ids) len() int { return len(l.ends) }

// sorted returns them in their order, each once.
func (l *ids) sorted() []string {
	all := l.all()
	if !slices.IsSorted(all) {
		slices.Sort(all)
	}
	return slices.Compact(all)
}

func (l *ids) all() []string {
	text, all, from := string(l.text), make([]string, len(l.ends)), 0
	for i, end := range l.ends {
		all[i], from = text[from:end], end
	}
	return all
}
