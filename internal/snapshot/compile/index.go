package compile

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// index finds objects. Where an object is there twice nobody can say which of
// them is meant, so that what is found is everything of a name.
type index struct {
	Objects
	now           time.Time
	gateways      map[snapshot.Identity][]Gateway
	connections   map[snapshot.Identity][]Connection
	subscriptions map[snapshot.Identity][]Subscription
	secrets       map[snapshot.Identity][]Secret
	configMaps    map[snapshot.Identity][]ConfigMap
	// ofGateway holds the Connections that refer to a Gateway, which need not
	// be there.
	ofGateway map[snapshot.Identity][]snapshot.Identity
	// ofConnection holds the Subscriptions that refer to a Connection, which need
	// not be there.
	ofConnection map[snapshot.Identity][]snapshot.Identity
}

func newIndex(objects Objects) *index {
	ix := &index{
		Objects:       objects,
		now:           objects.Now,
		gateways:      grouped(objects.Gateways, func(g Gateway) snapshot.Identity { return identityOf(g.Namespace, g.Name) }),
		connections:   grouped(objects.Connections, func(c Connection) snapshot.Identity { return identityOf(c.Namespace, c.Name) }),
		subscriptions: grouped(objects.Subscriptions, func(s Subscription) snapshot.Identity { return identityOf(s.Namespace, s.Name) }),
		secrets:       grouped(objects.Secrets, func(s Secret) snapshot.Identity { return identityOf(s.Namespace, s.Name) }),
		configMaps:    grouped(objects.ConfigMaps, func(m ConfigMap) snapshot.Identity { return identityOf(m.Namespace, m.Name) }),
	}
	if ix.now.IsZero() {
		ix.now = time.Now()
	}
	ix.ofGateway = referring(ix.connections, Connection.gateway)
	ix.ofConnection = referring(ix.subscriptions, Subscription.connection)
	return ix
}

// gateway returns the Gateway that a Connection refers to.
func (c Connection) gateway() snapshot.Identity {
	return identityOf(c.Namespace, c.Spec.GatewayRef.Name)
}

// connection returns the Connection that a Subscription refers to.
func (s Subscription) connection() snapshot.Identity {
	return identityOf(s.Namespace, s.Spec.ConnectionRef.Name)
}

func identityOf(namespace, name string) snapshot.Identity {
	return snapshot.Identity{Namespace: namespaceOf(namespace), Name: name}
}

// grouped returns objects by their identity.
func grouped[T any](objects []T, identity func(T) snapshot.Identity) map[snapshot.Identity][]T {
	groups := make(map[snapshot.Identity][]T, len(objects))
	for _, o := range objects {
		id := identity(o)
		groups[id] = append(groups[id], o)
	}
	return groups
}

// referring returns who refers to what, sorted and each once.
func referring[T any](objects map[snapshot.Identity][]T, target func(T) snapshot.Identity) map[snapshot.Identity][]snapshot.Identity {
	sources := map[snapshot.Identity][]snapshot.Identity{}
	for _, id := range sortedKeys(objects) {
		for _, o := range objects[id] {
			to := target(o)
			if last := len(sources[to]) - 1; last < 0 || sources[to][last] != id {
				sources[to] = append(sources[to], id)
			}
		}
	}
	return sources
}

// sortedKeys returns identities by namespace and name.
func sortedKeys[T any](objects map[snapshot.Identity]T) []snapshot.Identity {
	return slices.SortedFunc(maps.Keys(objects), compareIdentities)
}

func compareIdentities(a, b snapshot.Identity) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}
