package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
)

// merged returns the policy together with the entries that it takes over from others.
//
// Protocol rule: of an entry is shown what the requester may read of it where it comes from; if that is nothing, it is left
// out. It is shown as it is written there, since what its references stand for may be from yet other policies.
func (d *decision) merged() []byte {
	resolved := model.Resolve(d.before, d.who.directory(), d.settings.Roots, d.Namespace)
	entries := model.AppendEntries(nil, d.before.Entries)
	views := map[model.Origin][]byte{}
	for i, origin := range resolved.Origins {
		if origin.Policy == d.ID {
			continue
		}
		view, known := views[origin]
		if !known {
			view = d.who.view(origin)
			views[origin] = view
		}
		if view != nil {
			entries = appendMember(entries, resolved.Entries[i].Label, view)
		}
	}
	return document.Set(d.before.Append(nil), document.Pointer{"entries"}, entries)
}

// view returns what the requester may read of an entry of another policy, nil for nothing.
func (r *Requester) view(origin model.Origin) []byte {
	p, ok := r.directory().Policy(origin.Policy)
	if !ok {
		return nil
	}
	entry := p.Entry(origin.Label)
	if entry == nil {
		return nil
	}
	path := document.Pointer{"entries", origin.Label}
	view, ok := r.directory().Rights(origin.Policy).View(enforcer.Policy, path, model.AppendEntry(nil, *entry))
	if !ok {
		return nil
	}
	return view
}

// appendMember appends a member to an object.
func appendMember(object []byte, name string, value []byte) []byte {
	object = object[:len(object)-1]
	if object[len(object)-1] != '{' {
		object = append(object, ',')
	}
	object = append(document.AppendString(object, name), ':')
	return append(append(object, value...), '}')
}
