package broker

import (
	"sync"

	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// Party is somebody who asks and answers: a session, for example.
type Party struct {
	broker *Broker
	purse  *purse // nil unless it is bounded together with others

	mu    sync.Mutex
	ended bool
	first *Wait // of those it has opened, in a list
	waits int
	bytes int64 // that are kept for them
	dues  dues
}

// Member is a subscriber that is a party.
type Member interface {
	pubsub.Subscriber
	// Party returns who the subscriber is to the broker.
	Party() *Party
}

// End ends the waits that the party has opened, whose owners are not told, and forgets what it was given. A party that has
// ended opens no more. Done may still be running when it returns, for a wait that ended before.
func (p *Party) End() {
	p.broker.remove(p)
	for w := p.end(); w != nil; {
		next := w.next
		w.prev, w.next = nil, nil
		w.abandon()
		w = next
	}
}

// end marks the party as ended, and returns the waits that it had, which are not in its book any more.
func (p *Party) end() *Wait {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.broker.dues.Add(-int64(p.dues.byID.len()))
	p.dues = dues{}
	first := p.first
	p.purse.give(int64(p.waits), p.bytes)
	p.first, p.waits, p.bytes = nil, 0, 0
	return first
}

// enter takes a wait in, unless there are too many or the party has ended.
func (p *Party) enter(w *Wait) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := &p.broker.options
	if p.ended || p.waits >= o.MaxWaitsEach || p.bytes+w.size() > int64(o.MaxBytesEach) || !p.purse.take(1, w.size(), o) {
		return false
	}
	p.waits++
	p.bytes += w.size()
	w.next = p.first
	if w.next != nil {
		w.next.prev = w
	}
	p.first = w
	return true
}

// leave takes a wait out, if it is in. The links of those that a party had when it ended are left alone: they are followed.
func (p *Party) leave(w *Wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ended:
		return
	case w.prev != nil:
		w.prev.next = w.next
	case p.first == w:
		p.first = w.next
	default:
		return
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
	p.waits--
	p.bytes -= w.size()
	p.purse.give(1, w.size())
}
