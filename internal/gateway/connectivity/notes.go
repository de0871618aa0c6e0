package connectivity

import (
	"strings"
	"sync/atomic"
	"time"
)

// notes keep what happens to the messages of one source or Subscription in the journal of its connection. As that keeps only the last
// few of each kind, no more of them are noted in each second: however many there are, they cost the same.
type notes struct {
	journal *journal
	name    string
	pace    map[noteKind]*pace
}

type noteKind struct {
	kind    EventKind
	failure bool
}

// pace counts what was noted in a second.
type pace struct{ second, count atomic.Int64 }

// flowing are the kinds of events of messages.
var flowing = []EventKind{
	EventConsumed, EventMapped, EventSettled, EventReplied, EventDispatched, EventDropped, EventDelivered, EventAcknowledged,
}

func newNotes(j *journal, name string) *notes {
	n := &notes{journal: j, name: name, pace: map[noteKind]*pace{}}
	for _, kind := range flowing {
		n.pace[noteKind{kind, false}], n.pace[noteKind{kind, true}] = &pace{}, &pace{}
	}
	return n
}

// admits reports whether an event of a kind is to be noted. It is asked before the event is made.
func (n *notes) admits(kind EventKind, failure bool, now time.Time) bool {
	p := n.pace[noteKind{kind, failure}]
	second := now.Unix()
	if p.second.Load() != second {
		p.second.Store(second)
		p.count.Store(0)
	}
	return p.count.Load() < kept && p.count.Add(1) <= kept
}

// note keeps an event that was admitted, and nothing of the messages that its texts are of.
func (n *notes) note(e Event) {
	e.Name = n.name
	e.Message, e.Address = strings.Clone(e.Message), strings.Clone(e.Address)
	e.EntityID, e.CorrelationID = strings.Clone(e.EntityID), strings.Clone(e.CorrelationID)
	n.journal.note(e)
}
