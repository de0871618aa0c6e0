package compile

import (
	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// duplicates reports every object that has the kind, namespace and name of an
// earlier one.
func (r *report) duplicates(objects Objects) {
	seen := map[snapshot.Object]Origin{}
	for _, g := range objects.Gateways {
		r.duplicate(seen, v1alpha1.GatewayKind, g.Namespace, g.Name, g.Origin)
	}
	for _, c := range objects.Connections {
		r.duplicate(seen, v1alpha1.ConnectionKind, c.Namespace, c.Name, c.Origin)
	}
	for _, s := range objects.Subscriptions {
		r.duplicate(seen, v1alpha1.SubscriptionKind, s.Namespace, s.Name, s.Origin)
	}
	for _, s := range objects.Secrets {
		r.duplicate(seen, secretKind, s.Namespace, s.Name, s.Origin)
	}
	for _, m := range objects.ConfigMaps {
		r.duplicate(seen, configMapKind, m.Namespace, m.Name, m.Origin)
	}
}

func (r *report) duplicate(seen map[snapshot.Object]Origin, kind, namespace, name string, origin Origin) {
	c := r.about(kind, namespace, name, origin)
	first, twice := seen[c.object]
	if !twice {
		seen[c.object] = origin
		return
	}
	c.alreadyIn(first)
}

// alreadyIn reports that the object is another one too.
func (c *check) alreadyIn(first Origin) {
	c.errorf("metadata.name", snapshot.RuleUnique, "is there already, in %s[%d]", first.File, first.Document)
}

// one returns the first object of a name, and reports the others if there are
// any, so that who needs it is refused.
func one[T any](r *report, kind string, id snapshot.Identity, objects []T, origin func(T) Origin) T {
	for _, other := range objects[1:] {
		r.about(kind, id.Namespace, id.Name, origin(other)).alreadyIn(origin(objects[0]))
	}
	return objects[0]
}
