package push

import (
	"slices"
	"sync/atomic"

	"github.com/twinway/twinway/internal/snapshot"
)

// gateway is one Gateway. All but order is guarded by Fleet.mu.
type gateway struct {
	id      snapshot.Identity
	order   atomic.Pointer[order] // never nil; read by the keepers
	keepers map[Pod]*keeper
	beyond  []Pod // those that have no keeper, because there are too many
}

func newGateway(id snapshot.Identity, desired Desired) *gateway {
	g := &gateway{id: id, keepers: map[Pod]*keeper{}}
	g.order.Store(newOrder(desired))
	return g
}

// want replaces the order if something else is desired now.
func (g *gateway) want(desired Desired) {
	if g.order.Load().is(desired) {
		return
	}
	g.order.Swap(newOrder(desired)).supersede()
}

// stopOthers stops the keepers of all pods but these, which are sorted.
func (g *gateway) stopOthers(pods []Pod) {
	for pod, k := range g.keepers {
		if _, stays := slices.BinarySearchFunc(pods, pod, comparePods); stays {
			continue
		}
		if k.stop != nil {
			k.stop()
		}
		delete(g.keepers, pod)
	}
}
