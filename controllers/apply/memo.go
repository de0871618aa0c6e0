package apply

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// memo remembers in which version an object was what it should be, so that it is
// compared once for each version, and applied at most once. There is an entry for
// each object of each Gateway; those of a Gateway go with it.
type memo struct {
	mu     sync.Mutex
	owners map[types.NamespacedName]map[string]settled
}

// settled is the version in which an object was found or left as rendered.
type settled struct {
	rendered, resourceVersion string
	uid                       types.UID
	at                        time.Time
}

func newMemo() *memo { return &memo{owners: map[types.NamespacedName]map[string]settled{}} }

// settledAt says whether the object was as rendered in this version of it or in a
// later one: a cache may be behind what was applied.
func (m *memo) settledAt(owner types.NamespacedName, key, rendered string, uid types.UID, version string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.owners[owner][key]
	if !ok || s.rendered != rendered || s.uid != uid {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(version, s.resourceVersion)
	return err == nil && order <= 0
}

// settledSince says whether the object was found or left as rendered since a time.
func (m *memo) settledSince(owner types.NamespacedName, key, rendered string, since time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.owners[owner][key]
	return ok && s.rendered == rendered && s.at.After(since)
}

func (m *memo) settle(owner types.NamespacedName, key string, s settled) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owners[owner] == nil {
		m.owners[owner] = map[string]settled{}
	}
	m.owners[owner][key] = s
}

func (m *memo) forgetObject(owner types.NamespacedName, key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.owners[owner], key)
}

func (m *memo) forget(owner types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.owners, owner)
}
