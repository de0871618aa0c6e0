package broker

import (
	"sync"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/deadline"
)

// Broker keeps the books.
type Broker struct {
	options Options
	wheel   *deadline.Wheel
	live    *liveIDs
	waits   atomic.Int64
	bytes   atomic.Int64 // that are kept for them
	dues    atomic.Int64

	mu      sync.Mutex
	closed  bool
	parties map[*Party]struct{}
	purses  map[string]*purse // of those parties that have one
}

// New returns a broker without parties. It has one goroutine, until Close.
func New(o Options) *Broker {
	o = o.withDefaults()
	return &Broker{
		options: o, wheel: deadline.New(deadline.Options{Capacity: o.MaxWaits, Clock: o.Clock}),
		live: newLiveIDs(), parties: map[*Party]struct{}{}, purses: map[string]*purse{},
	}
}

// Close ends all parties and the goroutine. Parties that are made from now on have ended already. It must not be called by
// whoever the broker calls.
func (b *Broker) Close() {
	for p := range b.close() {
		p.End()
	}
	b.wheel.Close()
}

// close lets nobody in any more, and returns who is.
func (b *Broker) close() map[*Party]struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	parties := b.parties
	b.closed, b.parties, b.purses = true, nil, nil
	return parties
}

// Waits returns how many waits there are.
func (b *Broker) Waits() int { return int(b.waits.Load()) }

// Dues returns how many deliveries can be answered by those who were asked to.
func (b *Broker) Dues() int { return int(b.dues.Load()) }

// NewParty returns a party that takes part from now on until its End.
func (b *Broker) NewParty() *Party {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.newParty()
}

func (b *Broker) newParty() *Party {
	p := &Party{broker: b, ended: b.closed}
	if !b.closed {
		b.parties[p] = struct{}{}
	}
	return p
}

// remove takes a party that has ended off the list.
func (b *Broker) remove(p *Party) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, listed := b.parties[p]; listed {
		delete(b.parties, p)
		b.let(p.purse)
	}
}
