package pubsub

import (
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Parameters are what a client says of the signals that it wants. They have not
// been parsed.
type Parameters struct {
	// Namespaces are those whose signals are wanted; none: all.
	Namespaces []string
	// Filter is the RQL that signals must match, if HasFilter.
	Filter    string
	HasFilter bool
	// ExtraFields is a field selector, if HasExtraFields.
	ExtraFields    string
	HasExtraFields bool
	// Access says which policies the client may address. Nil: all.
	Access Access
}

// Access says which entities somebody may address.
type Access interface {
	// MayAccess reports whether entities of the group in the namespace may be
	// addressed.
	MayAccess(group protocol.Group, namespace string) bool
}

// Want reads the parameters. Protocol rule: a filter is read whatever the type
// of the signals.
//
// Errors: rql.expression.invalid, and those of enrich.Parse.
func (p Parameters) Want() (*Want, *protocol.Error) {
	w := &Want{Namespaces: p.Namespaces}
	if p.HasFilter {
		predicate, err := rql.CompileSignal(p.Filter)
		if err != nil {
			return nil, protocol.ErrRQLInvalid(p.Filter, err.Error())
		}
		w.Filter = predicate
	}
	if p.HasExtraFields {
		fields, err := enrich.Parse(p.ExtraFields)
		if err != nil {
			return nil, err
		}
		w.Extra = fields
		if p.Access != nil && fields.MaySelectPolicy() {
			w.Policies = func(namespace string) bool { return p.Access.MayAccess(protocol.Policies, namespace) }
		}
	}
	return w, nil
}
