package controllers

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// memory remembers the status that was last written to each object of a kind, as
// long as the object is there. The cache may be behind what was written: without
// memory a status would be written twice, with another time.
type memory[S any] struct {
	mu   sync.Mutex
	last map[types.NamespacedName]written[S]
}

type written[S any] struct {
	uid             types.UID
	resourceVersion string
	status          S
}

func newMemory[S any]() *memory[S] {
	return &memory[S]{last: map[types.NamespacedName]written[S]{}}
}

// latest returns the status that the object has: the one in the cache, unless a
// later one was written.
func (m *memory[S]) latest(object client.Object, cached S) S {
	m.mu.Lock()
	defer m.mu.Unlock()
	w, ok := m.last[client.ObjectKeyFromObject(object)]
	if !ok || w.uid != object.GetUID() {
		return cached
	}
	order, err := resourceversion.CompareResourceVersion(w.resourceVersion, object.GetResourceVersion())
	if err != nil || order <= 0 {
		return cached
	}
	return w.status
}

func (m *memory[S]) wrote(object client.Object, resourceVersion string, status S) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last[client.ObjectKeyFromObject(object)] = written[S]{object.GetUID(), resourceVersion, status}
}

func (m *memory[S]) forget(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.last, key)
}
