package pubsub

// circle is the subscribers with equal audiences who want the same, except that
// they may want it of different namespaces.
type circle struct {
	audience *Audience
	want     *Want // as interned; nil if every signal is wanted as it is
	key      circleKey
	size     int
}

// circleKey is what tells circles apart.
type circleKey struct {
	audience string
	want     *Want
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
