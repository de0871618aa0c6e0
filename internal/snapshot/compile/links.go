package compile

import (
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// Bounds on what belongs to one Gateway. What is beyond in the order of names is
// refused.
const (
	maxConnections   = 256
	maxSubscriptions = 1024
)

// linked is a Link and what of it goes into the snapshot if it is accepted.
type linked[T any] struct {
	Link
	value T
}

func links[T any](all []linked[T]) []Link {
	var plain []Link
	for _, l := range all {
		plain = append(plain, l.Link)
	}
	return plain
}

func accepted[T any](all []linked[T]) []T {
	var values []T
	for _, l := range all {
		if l.Accepted {
			values = append(values, l.value)
		}
	}
	return values
}

// connectionsOf returns the Connections of a Gateway that is there.
func (ix *index) connectionsOf(gateway snapshot.Identity) []linked[snapshot.Connection] {
	var all []linked[snapshot.Connection]
	ids := ix.ofGateway[gateway]
	for i, id := range ids {
		all = append(all, ix.connection(id, func(c *check) {
			if i >= maxConnections {
				c.errorf("", snapshot.RuleBounded, "a Gateway has at most %d Connections, the first by name; this one has %d", maxConnections, len(ids))
			}
		}))
	}
	return all
}

// subscriptionsOf returns the Subscriptions of the Connections of a Gateway.
func (ix *index) subscriptionsOf(connections []linked[snapshot.Connection]) []linked[snapshot.Subscription] {
	var ids []snapshot.Identity
	for _, l := range connections {
		ids = append(ids, ix.ofConnection[identityOf(l.Object.Namespace, l.Object.Name)]...)
	}
	slices.SortFunc(ids, compareIdentities)
	ids = slices.Compact(ids)
	byName := make(map[string]*linked[snapshot.Connection], len(connections))
	for i, l := range connections {
		byName[l.Object.Name] = &connections[i]
	}
	var all []linked[snapshot.Subscription]
	taken := claims{}
	for i, id := range ids {
		l := ix.subscription(id, byName, func(c *check, s *snapshot.Subscription) {
			taken.check(c, s)
			if i >= maxSubscriptions {
				c.errorf("", snapshot.RuleBounded, "a Gateway has at most %d Subscriptions, the first by name; this one has %d", maxSubscriptions, len(ids))
			}
		})
		if l.Accepted {
			taken.take(&l.value)
		}
		all = append(all, l)
	}
	return all
}

// orphans returns the Connections that refer to no Gateway that is there, and
// the Subscriptions that refer to no Connection of one.
func (ix *index) orphans() []Link {
	var connections []linked[snapshot.Connection]
	byID := map[snapshot.Identity]*linked[snapshot.Connection]{}
	for _, id := range sortedKeys(ix.connections) {
		if ix.belongs(id) {
			continue
		}
		l := ix.connection(id, func(c *check) {
			if name := ix.connections[id][0].Spec.GatewayRef.Name; isGatewayName(name) {
				c.notFound("spec.gatewayRef.name", v1alpha1.GatewayKind, name, ix)
			}
		})
		connections = append(connections, l)
		byID[id] = &l
	}
	var subscriptions []linked[snapshot.Subscription]
	for _, id := range sortedKeys(ix.subscriptions) {
		if slices.ContainsFunc(ix.subscriptions[id], func(s Subscription) bool { return ix.belongs(s.connection()) }) {
			continue
		}
		there := map[string]*linked[snapshot.Connection]{}
		if l := byID[ix.subscriptions[id][0].connection()]; l != nil {
			there[l.Object.Name] = l
		}
		subscriptions = append(subscriptions, ix.subscription(id, there, func(*check, *snapshot.Subscription) {}))
	}
	return append(links(connections), links(subscriptions)...)
}

// belongs says whether there is a Connection of an identity with a Gateway.
func (ix *index) belongs(connection snapshot.Identity) bool {
	return slices.ContainsFunc(ix.connections[connection], func(c Connection) bool {
		return len(ix.gateways[c.gateway()]) > 0
	})
}

// connection compiles the Connection of an identity, which is there.
func (ix *index) connection(id snapshot.Identity, more func(*check)) linked[snapshot.Connection] {
	var r report
	object := one(&r, v1alpha1.ConnectionKind, id, ix.connections[id], func(c Connection) Origin { return c.Origin })
	c := r.about(v1alpha1.ConnectionKind, id.Namespace, id.Name, object.Origin)
	value := c.connection(EffectiveConnection(object.Connection), ix)
	more(c)
	return linked[snapshot.Connection]{r.link(c.object), value}
}

// subscription compiles the Subscription of an identity, which is there.
func (ix *index) subscription(
	id snapshot.Identity, connections map[string]*linked[snapshot.Connection], more func(*check, *snapshot.Subscription),
) linked[snapshot.Subscription] {
	var r report
	object := one(&r, v1alpha1.SubscriptionKind, id, ix.subscriptions[id], func(s Subscription) Origin { return s.Origin })
	c := r.about(v1alpha1.SubscriptionKind, id.Namespace, id.Name, object.Origin)
	spec := EffectiveSubscription(object.Spec)
	value := c.subscription(spec)
	if c.objectName("spec.connectionRef.name", spec.ConnectionRef.Name) {
		c.through(spec, connections[spec.ConnectionRef.Name], ix)
	}
	more(c, &value)
	return linked[snapshot.Subscription]{r.link(c.object), value}
}

func (r *report) link(object snapshot.Object) Link {
	return Link{Object: object, Accepted: !r.findings.HasErrors(), Findings: r.findings}
}
