package mqtt

import (
	"hash/maphash"
	"slices"
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// maxTroubles is how many messages are counted at once that come again and again. The one that has not come for longest makes room.
const maxTroubles = 1024

// memory is what lasts longer than a client: its part of the session, and what has come before.
type memory struct {
	seed maphash.Seed

	mu       sync.Mutex
	troubles map[uint64]*trouble
	clock    int // goes on with each trouble
	// received are the identifiers of messages of QoS 2 that were taken, and that the broker does not know yet were.
	received map[uint16]struct{}
	// unreleased are the identifiers of messages of QoS 2 that were sent and of which the broker may have the half.
	unreleased []uint16
	// filters are what was subscribed to.
	filters []string
	session bool
}

// trouble is a message that is to be delivered again.
type trouble struct{ times, last int }

func newMemory() *memory {
	return &memory{seed: maphash.MakeSeed(), troubles: map[uint64]*trouble{}, received: map[uint16]struct{}{}}
}

// key is that of all messages that say the same in the same place.
func (m *memory) key(p *packet.Publish) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	_, _ = h.WriteString(p.Topic)
	_ = h.WriteByte(0) // Protocol rule: there is none in a topic.
	_, _ = h.Write(p.Correlation)
	_ = h.WriteByte(0)
	_, _ = h.Write(p.Payload)
	return h.Sum64()
}

// times returns how often such a message was to be delivered again.
func (m *memory) times(p *packet.Publish) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.troubles) == 0 {
		return 0
	}
	if t := m.troubles[m.key(p)]; t != nil {
		return t.times
	}
	return 0
}

// trouble counts that a message is to be delivered again.
func (m *memory) trouble(p *packet.Publish) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock++
	key := m.key(p)
	t := m.troubles[key]
	if t == nil {
		if len(m.troubles) >= maxTroubles {
			m.makeRoom()
		}
		t = &trouble{}
		m.troubles[key] = t
	}
	t.times, t.last = t.times+1, m.clock
}

func (m *memory) makeRoom() {
	var oldest uint64
	last := m.clock
	for key, t := range m.troubles {
		if t.last < last {
			oldest, last = key, t.last
		}
	}
	delete(m.troubles, oldest)
}

// calm says that a message is not to be delivered again.
func (m *memory) calm(p *packet.Publish) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.troubles) > 0 {
		delete(m.troubles, m.key(p))
	}
}

// take remembers that a message of QoS 2 was taken, until it is released.
func (m *memory) take(id uint16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.received[id] = struct{}{}
}

func (m *memory) taken(id uint16) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.received[id]
	return ok
}

func (m *memory) release(id uint16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.received, id)
}

// maxUnreleased is for how many messages it is remembered that the broker may have the half: fewer than there are identifiers, however
// many clients it leaves without an answer.
const maxUnreleased = 4096

// leave remembers what a client was in the middle of sending.
func (m *memory) leave(unreleased []uint16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unreleased = append(m.unreleased, unreleased...)
	m.unreleased = m.unreleased[max(0, len(m.unreleased)-maxUnreleased):]
}

// takeUnreleased returns what clients were in the middle of sending, once.
func (m *memory) takeUnreleased() []uint16 {
	m.mu.Lock()
	defer m.mu.Unlock()
	unreleased := m.unreleased
	m.unreleased = nil
	return unreleased
}

// hasSession reports whether there was a client.
func (m *memory) hasSession() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.session
}

// forget drops what is part of a session that the broker has none of.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unreleased, m.filters = nil, nil
	clear(m.received)
}

// subscribed remembers what there are subscriptions to.
func (m *memory) subscribed(filters []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.filters, m.session = filters, true
}

// outdated returns what there are subscriptions to and is not among filters.
func (m *memory) outdated(filters []string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.filters), func(filter string) bool { return slices.Contains(filters, filter) })
}
