package kafka

import (
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// maxWindow is how many messages of a partition may be settled before one that was handed over earlier.
const maxWindow = 1024

// partition is what is known of a partition while it is consumed. It is not for several goroutines.
type partition struct {
	topic  string
	number int32
	source *snapshot.Source

	// gone says that it was taken away.
	gone bool
	// window is what was handed over, in order, without what is settled at its front.
	window []*taken
	// open is how much of it has no settlement.
	open int
	// done is the offset that may be committed, committed what was; both 0 before anything.
	done, committed int64
	// stalled says that nothing is to be handed over until it is read again from back on; due that the delay for that is over.
	stalled, due bool
	back         int64
	// paused says that the library was told not to read on.
	paused bool
	// room has something in it when the window has become shorter, or the partition is gone.
	room chan struct{}
}

// taken is a message that was handed over.
type taken struct {
	offset  int64
	settled bool
	again   bool // it is to come again
}

func newPartition(topic string, number int32, source *snapshot.Source) *partition {
	return &partition{topic: topic, number: number, source: source, room: make(chan struct{}, 1)}
}

// takes says whether something may be handed over.
func (p *partition) takes() bool { return !p.gone && !p.stalled }

// full says whether that has to wait.
func (p *partition) full() bool { return len(p.window) >= maxWindow }

// take notes that a message is handed over. Offsets grow, though not by one.
func (p *partition) take(offset int64) *taken {
	t := &taken{offset: offset}
	p.window = append(p.window, t)
	p.open++
	return t
}

// giveBack forgets the last message, as it was not taken after all.
func (p *partition) giveBack() {
	p.window = p.window[:len(p.window)-1]
	p.open--
}

// settle notes what became of a message. It reports whether that makes a difference: it does once.
func (p *partition) settle(t *taken, s link.Settlement) bool {
	if t.settled || p.gone {
		return false
	}
	t.settled, t.again = true, s == link.Redeliver
	p.open--
	p.stalled = p.stalled || t.again
	p.advance()
	return true
}

// advance moves on to the first message that is not settled, or is to come again.
func (p *partition) advance() {
	before := len(p.window)
	for len(p.window) > 0 && p.window[0].settled && !p.window[0].again {
		p.done = p.window[0].offset + 1
		p.window[0] = nil
		p.window = p.window[1:]
	}
	if len(p.window) < before {
		p.stir()
	}
}

// stir lets go on who waits for room.
func (p *partition) stir() {
	select {
	case p.room <- struct{}{}:
	default:
	}
}

// passBy says that all before an offset counts as settled, as it is consumed at most once.
func (p *partition) passBy(next int64) { p.done = next }

// recall says that everything is to come again from an offset on, as it could not be passed by.
func (p *partition) recall(from int64) {
	p.stalled, p.back, p.done = true, from, p.committed
}

// ripe says whether it is time to read again.
func (p *partition) ripe() bool { return !p.gone && p.stalled && p.due && p.open == 0 }

// rewind returns from where to read again, and begins anew.
func (p *partition) rewind() int64 {
	from := p.back
	if len(p.window) > 0 {
		from = p.window[0].offset
	}
	clear(p.window)
	p.window = nil
	p.stalled, p.due, p.back = false, false, 0
	p.stir()
	return from
}

// leave says that the partition was taken away.
func (p *partition) leave() {
	p.gone = true
	p.stir()
}
