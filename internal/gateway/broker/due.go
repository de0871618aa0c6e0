package broker

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// due is what a party was given and can answer to.
type due struct {
	wait  *Wait
	party *Party
	id    string // the correlation id to answer with
	next  *due   // of the same wait, guarded by its lock
	owed  labels // those that the party has not acknowledged with yet, guarded by its lock
}

// dues are what a party was given, by the correlation ids to answer with. They are guarded by the lock of the party.
type dues struct {
	byID book[*due]
	// suffixes are by the id that several have.
	suffixes book[*suffixes]
	// settled is how many owe nothing any more. They are kept as long as there is room, to tell who answers twice.
	settled int
}

// suffixes are those of one correlation id.
type suffixes struct {
	next int // no lower one was used since there was one in use
	open int
}

// owes reports whether the party can answer to something under an id.
func (p *Party) owes(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dues.byID.get(id) != nil
}

// owe enters that the party is given the signal of a wait, under an id that is free. If it does not, it returns why each label
// is refused, nil if the party has ended.
func (p *Party) owe(w *Wait, asked labels) (*due, refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return nil, nil
	}
	if !p.room() {
		return nil, protocol.ErrAckUnavailable
	}
	d := &due{wait: w, party: p, id: w.id, owed: asked}
	if !p.dues.enter(d) {
		return nil, func(string) *protocol.Error { return protocol.ErrAckDuplicateCorrelationID(w.id) }
	}
	p.broker.dues.Add(1)
	return d, nil
}

// room makes room for one more, if there is any. What owes nothing is thrown out when that is a good part: each of those
// that are looked at was paid for by some that were entered.
func (p *Party) room() bool {
	limit := p.broker.options.MaxDuesEach
	if p.dues.byID.len() < limit {
		return true
	}
	if p.dues.settled*4 < limit {
		return false
	}
	for _, d := range p.dues.byID.entries {
		if d.owed == 0 {
			p.strike(d)
		}
	}
	return true
}

// enter enters a due under its id or, if that is taken, under the next with a suffix that is free.
func (b *dues) enter(d *due) bool {
	if !b.byID.enter(d.id, d) && !b.enterSuffixed(d) {
		return false
	}
	if d.owed == 0 {
		b.settled++
	}
	return true
}

// maxSuffixed is how long an id may be to be suffixed, in bytes. One with a suffix is a text of its own in each book.
const maxSuffixed = 1 << 10

// enterSuffixed counts on where it was last, so that it does not look at all the others.
func (b *dues) enterSuffixed(d *due) bool {
	base := d.id
	if len(base) > maxSuffixed {
		return false
	}
	s := b.suffixes.get(base)
	if s == nil {
		s = &suffixes{}
	}
	for range maxTries {
		d.id = base + "#" + strconv.Itoa(s.next)
		s.next++
		if b.byID.enter(d.id, d) {
			s.open++
			b.suffixes.enter(base, s)
			return true
		}
	}
	return false
}

// forget takes out a due, if it is in.
func (p *Party) forget(d *due) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strike(d)
}

func (p *Party) strike(d *due) {
	if p.dues.strike(d) {
		p.broker.dues.Add(-1)
	}
}

func (b *dues) strike(d *due) bool {
	if !b.byID.strike(d.id, d) {
		return false
	}
	if d.owed == 0 {
		b.settled--
	}
	if d.id != d.wait.id {
		b.free(d.wait.id)
	}
	return true
}

// free gives a suffix back. When none is left, they begin anew.
func (b *dues) free(base string) {
	s := b.suffixes.get(base)
	if s.open--; s.open == 0 {
		b.suffixes.strike(base, s)
	}
}

// find returns what the party can answer to under an id, nil if there is nothing, and what it owes of it.
func (p *Party) find(id string) (d *due, owed labels) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d = p.dues.byID.get(id); d != nil {
		owed = d.owed
	}
	return d, owed
}

// pay notes that the party has acknowledged.
func (p *Party) pay(d *due, paid labels) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.owed == 0 {
		return
	}
	d.owed &^= paid
	if d.owed == 0 && p.dues.byID.get(d.id) == d {
		p.dues.settled++
	}
}
