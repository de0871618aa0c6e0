package pubsub

// circle is the subscribers with equal audiences.
type circle struct {
	audience *Audience
	key      string
	size     int
}

// set is some of the subscribers of a circle.
type set map[Subscriber]struct{}

// listeners are subscribers by circle. No set is empty.
type listeners map[*circle]set

func (l listeners) add(c *circle, s Subscriber) {
	if l[c] == nil {
		l[c] = set{}
	}
	l[c][s] = struct{}{}
}

func (l listeners) remove(c *circle, s Subscriber) {
	delete(l[c], s)
	if len(l[c]) == 0 {
		delete(l, c)
	}
}
