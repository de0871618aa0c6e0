package persisted

import (
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// entity is what differs between things and policies.
type entity struct {
	kind store.Kind
	// id is the member that identifies the entity in its document.
	id string
	// path reads a path in the entity.
	path func(string) (protocol.Path, *protocol.Error)
	// readable reports whether the requester may read all of the entity, which
	// exists.
	readable func(who *authority.Requester, id string, current *store.Record) bool
	// notFound and unavailable are its errors.
	notFound, unavailable func(id string) *protocol.Error
}

var things = entity{
	kind: store.Thing, id: "thingId", path: protocol.ParsePath,
	readable: func(who *authority.Requester, id string, current *store.Record) bool {
		rights, _ := who.ThingRights((*thing.State)(current).PolicyID(), protocol.NamespaceOf(id))
		return rights.Unrestricted(enforcer.Thing, nil, enforcer.Read)
	},
	notFound: protocol.ErrThingNotFound, unavailable: protocol.ErrThingUnavailable,
}

var policies = entity{
	kind: store.Policy, id: "policyId", path: protocol.ParsePolicyPath,
	readable: func(who *authority.Requester, id string, current *store.Record) bool {
		return who.Under(id, (*policy.State)(current)).Unrestricted(enforcer.Policy, nil, enforcer.Read)
	},
	notFound: protocol.ErrPolicyNotFound, unavailable: protocol.ErrPolicyUnavailable,
}

func entityOf(g protocol.Group) *entity {
	if g == protocol.Policies {
		return &policies
	}
	return &things
}
