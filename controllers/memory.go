package controllers

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// memory remembers the status that was last written to each object of a kind, until
// the cache has it. The cache may be behind what was written: without memory a
// status would be written twice, with another time.
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

// latest returns the status that the object, as it is in the cache, has: that one,
// unless a later one was written.
func (m *memory[S]) latest(object client.Object, cached S) S {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := client.ObjectKeyFromObject(object)
	w, ok := m.last[key]
	if !ok {
		return cached
	}
	if w.uid != object.GetUID() || !isLater(w.resourceVersion, object.GetResourceVersion()) {
		delete(m.last, key)
		return cached
	}
	return w.status
}

// isLater says whether a version follows another one.
func isLater(version, than string) bool {
	order, err := resourceversion.CompareResourceVersion(version, than)
	return err == nil && order > 0
}

// following lets every event pass, and forgets what the cache has by then. It has
// to come before predicates that stop events.
func (m *memory[S]) following() predicate.Predicate {
	return predicate.NewPredicateFuncs(func(object client.Object) bool {
		var none S
		m.latest(object, none)
		return true
	})
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
