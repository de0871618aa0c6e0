package content

import (
	"container/list"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// overhead is counted for each object beside its content, in bytes.
const overhead = 1 << 10

// kept is what was read, the least recently used dropped when it becomes too
// much. An older version of an object goes when a newer one comes.
type kept struct {
	capacity int

	mu     sync.Mutex
	size   int
	recent *list.List // of *entry, the most recently used in front
	byUID  map[string]*list.Element
}

type entry struct {
	version Version
	object  client.Object
	size    int
}

func newKept(capacity int) *kept {
	return &kept{capacity: capacity, recent: list.New(), byUID: map[string]*list.Element{}}
}

func (k *kept) get(version Version) (client.Object, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	element, ok := k.byUID[string(version.UID)]
	if !ok || element.Value.(*entry).version != version {
		return nil, false
	}
	k.recent.MoveToFront(element)
	return element.Value.(*entry).object, true
}

func (k *kept) put(version Version, object client.Object) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if element, ok := k.byUID[string(version.UID)]; ok {
		k.drop(element)
	}
	e := &entry{version: version, object: object, size: sizeOf(object)}
	k.byUID[string(version.UID)] = k.recent.PushFront(e)
	k.size += e.size
	for k.size > k.capacity && k.recent.Len() > 0 {
		k.drop(k.recent.Back())
	}
}

func (k *kept) drop(element *list.Element) {
	e := k.recent.Remove(element).(*entry)
	delete(k.byUID, string(e.version.UID))
	k.size -= e.size
}

func sizeOf(object client.Object) int {
	size := overhead
	switch o := object.(type) {
	case *corev1.Secret:
		for key, value := range o.Data {
			size += len(key) + len(value)
		}
	case *corev1.ConfigMap:
		for key, value := range o.Data {
			size += len(key) + len(value)
		}
		for key, value := range o.BinaryData {
			size += len(key) + len(value)
		}
	}
	return size
}
