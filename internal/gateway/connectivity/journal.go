package connectivity

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Event is something that has happened on a connection. It says nothing of what messages contain.
type Event struct {
	Time time.Time `json:"time"`
	// Name is that of the source or Subscription, empty for the connection itself.
	Name string `json:"name,omitempty"`
	// Kind is what happened.
	Kind EventKind `json:"kind"`
	// Failure says that it should not have.
	Failure bool `json:"failure,omitempty"`
	// Message says more, for people.
	Message string `json:"message,omitempty"`
	// Address, EntityID and CorrelationID are those of the message that it is about.
	Address       string `json:"address,omitempty"`
	EntityID      string `json:"entityId,omitempty"`
	CorrelationID string `json:"correlationId,omitempty"`

	order int // among all events
}

// EventKind is what happened.
type EventKind string

// The kinds of events.
const (
	// Of the connection.
	EventOpened EventKind = "opened"
	EventLost   EventKind = "lost"
	EventClosed EventKind = "closed"
	// Of what comes in.
	EventConsumed EventKind = "consumed"
	EventMapped   EventKind = "mapped"
	EventSettled  EventKind = "settled"
	EventReplied  EventKind = "replied"
	// Of what goes out.
	EventDispatched   EventKind = "dispatched"
	EventDropped      EventKind = "dropped"
	EventDelivered    EventKind = "delivered"
	EventAcknowledged EventKind = "acknowledged"
)

// journal keeps the last events of a connection: some successes and some failures of each kind for each name, so that what happens
// often does not push out what is rare. The number of names is that of what is configured.
type journal struct {
	clock func() time.Time

	mu    sync.Mutex
	noted int // events so far
	rings map[ringKey]*ring
}

type ringKey struct {
	name    string
	kind    EventKind
	failure bool
}

// kept is how many events of one kind are kept.
const kept = 10

// maxNote is how long a text of an event may be, in bytes.
const maxNote = 512

// ring is the last events of one kind.
type ring struct {
	events [kept]Event
	next   int
}

func newJournal(clock func() time.Time) *journal {
	return &journal{clock: clock, rings: map[ringKey]*ring{}}
}

// note keeps an event, with the time of now.
func (j *journal) note(e Event) {
	e.Time = j.clock()
	e.Message, e.Address = cut(e.Message), cut(e.Address)
	e.EntityID, e.CorrelationID = cut(e.EntityID), cut(e.CorrelationID)
	j.mu.Lock()
	defer j.mu.Unlock()
	key := ringKey{e.Name, e.Kind, e.Failure}
	r := j.rings[key]
	if r == nil {
		r = &ring{}
		j.rings[key] = r
	}
	j.noted++
	e.order = j.noted
	r.events[r.next%kept] = e
	r.next++
}

// cut returns the beginning of a long text, which shares no memory with all of it.
func cut(s string) string {
	if len(s) <= maxNote {
		return s
	}
	end := maxNote
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.Clone(s[:end]) + "…"
}

// forget drops the events of a name.
func (j *journal) forget(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for key := range j.rings {
		if key.name == name {
			delete(j.rings, key)
		}
	}
}

// events returns all events, oldest first.
func (j *journal) events() []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := []Event{}
	for _, r := range j.rings {
		all = append(all, r.events[:min(r.next, kept)]...)
	}
	slices.SortFunc(all, func(a, b Event) int { return cmp.Compare(a.order, b.order) })
	return all
}
