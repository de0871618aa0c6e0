package broker

import "sync/atomic"

// purse is what several parties may have together: those of somebody who takes part with one for each request, for example. A nil
// one bounds nothing.
type purse struct {
	who     string
	parties int // guarded by the lock of the list of parties

	waits, bytes atomic.Int64
}

// NewPartyOf is NewParty for who takes part with several: what those have together is bounded, too, by MaxWaitsTogether and
// MaxBytesEach. Who is any text that tells them apart.
func (b *Broker) NewPartyOf(who string) *Party {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.newParty()
	if p.ended {
		return p
	}
	if p.purse = b.purses[who]; p.purse == nil {
		p.purse = &purse{who: who}
		b.purses[who] = p.purse
	}
	p.purse.parties++
	return p
}

// let forgets the purse of a party that has ended if it was the last. It is called under the lock of the list of parties.
func (b *Broker) let(p *purse) {
	if p == nil {
		return
	}
	if p.parties--; p.parties == 0 {
		delete(b.purses, p.who)
	}
}

// take counts what one of the parties gets, if there is room for it.
func (p *purse) take(waits, bytes int64, o *Options) bool {
	if p == nil {
		return true
	}
	allWaits, allBytes := p.waits.Add(waits), p.bytes.Add(bytes)
	if allWaits <= int64(o.MaxWaitsTogether) && allBytes <= int64(o.MaxBytesEach) {
		return true
	}
	p.give(waits, bytes)
	return false
}

// give gives back what take has counted.
func (p *purse) give(waits, bytes int64) {
	if p == nil {
		return
	}
	p.waits.Add(-waits)
	p.bytes.Add(-bytes)
}
