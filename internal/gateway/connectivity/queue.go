package connectivity

import (
	"bytes"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
)

// What an outlet takes until it has its outcome.
const (
	maxQueued      = 1000
	maxQueuedBytes = 4 << 20
)

// arrival is a signal as a hub has delivered it.
type arrival struct {
	text []byte
	at   time.Time
}

func (a arrival) clone() arrival { return arrival{bytes.Clone(a.text), a.at} }

// parcel is a signal on its way out.
type parcel struct {
	arrival
	number  uint64 // one more than that of the one before it
	signal  *mapping.Signal
	message *external.Message
	done    func(link.Outcome)
	tries   int
	next    *parcel // behind it, with the same key
}

// queue is what an outlet has taken and what of it is fresh. It is guarded by the lock of its owner.
type queue struct {
	count, bytes int // of all that has no outcome
	fresh, spare []arrival
}

// put takes a copy of a signal in, if there is room: the signal itself is part of a burst, all of which would be kept with it. One that
// is larger than all the room there is has it to itself.
func (q *queue) put(a arrival) bool {
	if q.count >= maxQueued || q.count > 0 && q.bytes+len(a.text) > maxQueuedBytes {
		return false
	}
	q.count++
	q.bytes += len(a.text)
	q.fresh = append(q.fresh, a.clone())
	return true
}

// take returns what is fresh. It is to be given back.
func (q *queue) take() []arrival {
	fresh := q.fresh
	q.fresh, q.spare = q.spare[:0], nil
	return fresh
}

// give takes back what take has returned, when nothing of it is needed any more.
func (q *queue) give(fresh []arrival) {
	clear(fresh)
	q.spare = fresh[:0]
}

// left notes that a signal has its outcome.
func (q *queue) left(a *arrival) {
	q.count--
	q.bytes -= len(a.text)
}

// lanes are the parcels that have no outcome yet and whose order matters, the last one by each key. It is guarded by the lock of its
// owner. Only the first of each lane is ever published.
type lanes map[string]*parcel

// enter puts a parcel at the end of its lane, and reports whether it is the first.
func (l lanes) enter(p *parcel) bool {
	if p.message.Key == "" {
		return true
	}
	last := l[p.message.Key]
	l[p.message.Key] = p
	if last == nil {
		return true
	}
	last.next = p
	return false
}

// leave takes out the first of a lane, and returns the one behind it, nil if there is none.
func (l lanes) leave(p *parcel) *parcel {
	next := p.next
	if l[p.message.Key] == p {
		delete(l, p.message.Key)
	}
	return next
}
