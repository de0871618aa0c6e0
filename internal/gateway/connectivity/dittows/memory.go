package dittows

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// memory is what is remembered of the other end's events from client to client.
type memory struct {
	// wake holds one value when there is something to be told again.
	wake chan struct{}

	mu     sync.Mutex
	things recent[known]
	// begun says that events were asked for. What happened before the horizon, as the other end's clock has it, was told; more or less, as events
	// of different things are in no order.
	begun   bool
	horizon time.Time
	// open says that a gap is, and ahead what the horizon will be when it no longer is.
	open  bool
	ahead time.Time
	// again are the things of which events are to be told again, and how often that was so.
	again map[string]int
	// noted says that it was logged what the other end does not offer.
	noted bool

	// own is what is not news. Its lock is a leaf.
	own *own
}

// known is what is known about a thing.
type known struct {
	thing string
	// revision is that of the last event that was told; gone says that this deleted the thing.
	revision int64
	gone     bool
	// owed is the first event that was told and has to be told again, 0 for none; failed is the one that had to be last, and tries how often.
	owed   int64
	failed int64
	tries  int
}

// repay has what is owed be missing. What was told behind it is told again, too.
func (k *known) repay() {
	if k.owed != 0 && k.owed <= k.revision {
		k.revision, k.gone = k.owed-1, false
	}
	k.owed = 0
}

func newMemory(limit int) *memory {
	return &memory{
		wake: make(chan struct{}, 1), things: newRecent[known](limit), again: map[string]int{}, own: newOwn(limit),
	}
}

// begin says that events are asked for by a new client, at a time of the other end, and reports whether there is a gap.
func (m *memory) begin(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.begun {
		m.begun, m.horizon = true, now
		return false
	}
	m.open = true
	for _, k := range m.things.all() {
		k.repay()
	}
	return true
}

// closed says that there is no gap any more.
func (m *memory) closed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = false
	m.reach(m.ahead)
}

// since returns a time since when something may not have been told.
func (m *memory) since() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.horizon.Add(-disorder)
}

// disorder is how much later than others an event may come, and how exact the time of a handshake is.
const disorder = 10 * time.Second

// forget forgets everything, as events are no longer asked for.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.things.clear()
	clear(m.again)
	m.own.forget()
	m.begun, m.open, m.horizon, m.ahead = false, false, time.Time{}, time.Time{}
}

// limitTo forgets the things that are not in the namespaces; none stand for all.
func (m *memory) limitTo(namespaces []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for thing := range m.things.all() {
		if !within(thing, namespaces) {
			m.things.forget(thing)
		}
	}
}

func within(thing string, namespaces []string) bool {
	return len(namespaces) == 0 || slices.Contains(namespaces, protocol.NamespaceOf(thing))
}

// told remembers an event that is about to be told, and completes it with how often it was before.
func (m *memory) told(e *event) {
	at, ok := protocol.ParseInstant(e.env.Timestamp)
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.touch(e.thing)
	k.revision, k.gone = e.revision, e.deletes
	if k.tries > 0 && k.failed == e.revision {
		e.again = k.tries
	}
	if ok {
		m.reach(at)
	}
}

// made says that this end has changed a thing, which now has a revision, and may be gone. Nothing is missing before it if nothing was before the
// change, or if all that has happened to the thing so far is known here.
func (m *memory) made(thing string, what uint64, revision int64, gone bool) {
	if revision > 0 {
		m.own.made(thing, what, revision)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.things.get(thing)
	if k == nil {
		if m.begun && !m.open && revision > 0 {
			k = m.touch(thing)
			k.revision, k.gone = revision, gone
		}
		return
	}
	if gone || k.revision+1 == revision {
		k.revision, k.gone = max(k.revision, revision), gone
	}
}

// reach moves the horizon, or remembers to do so when the gap is closed.
func (m *memory) reach(at time.Time) {
	to := &m.horizon
	if m.open {
		to = &m.ahead
	}
	if at.After(*to) {
		*to = at
	}
}

// touch returns what is known about a thing, which is then forgotten last.
func (m *memory) touch(thing string) *known {
	k := m.things.touch(thing)
	k.thing = thing
	return k
}

// last returns what is known about a thing, if anything is.
func (m *memory) last(thing string) (known, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.things.get(thing)
	if k == nil {
		return known{thing: thing}, false
	}
	return *k, true
}

// all returns what is known about all things.
func (m *memory) all() []known {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]known, 0, m.things.len())
	for _, k := range m.things.all() {
		all = append(all, *k)
	}
	return all
}

// owe says that an event was not told after all.
func (m *memory) owe(thing string, revision int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.oweAgain(thing, revision)
}

func (m *memory) oweAgain(thing string, revision int64) *known {
	k := m.things.get(thing)
	if k == nil {
		return nil
	}
	if k.owed == 0 || revision < k.owed {
		k.owed = revision
	}
	return k
}

// repay has what is owed of a thing be missing, and returns up to which revision something is, 0 if nothing is.
func (m *memory) repay(thing string) (until int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.things.get(thing)
	if k == nil || k.owed == 0 {
		return 0
	}
	until = k.revision
	k.repay()
	return until
}

// skip says that there is nothing to be told of a thing up to a revision.
func (m *memory) skip(thing string, to int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.touch(thing); k.revision < to {
		k.revision = to
	}
}

// failed says that an event is to be told again. It does not block.
func (m *memory) failed(thing string, revision int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.oweAgain(thing, revision)
	if k == nil || !m.begun {
		return
	}
	if k.failed != revision {
		k.failed, k.tries = revision, 0
	}
	k.tries++
	m.again[thing] = max(m.again[thing], k.tries)
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// retries returns the most tries of what is to be told again.
func (m *memory) retries() (tries int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.again {
		tries = max(tries, n)
	}
	return tries
}

// takeFailed returns the things of which something is to be told again, which is then up to the caller.
func (m *memory) takeFailed() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	failed := slices.Collect(maps.Keys(m.again))
	clear(m.again)
	return failed
}

// note reports whether this is the first time that something is said about what the other end does not offer.
func (m *memory) note() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := !m.noted
	m.noted = true
	return first
}
