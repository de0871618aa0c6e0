package model

import "slices"

// resourceRoot is the resource that is the whole policy.
const resourceRoot = "policy:/"

// Writable reports whether somebody can change the policy for good.
//
// Protocol rule: an entry grants WRITE on exactly the resource policy:/, and does not revoke it there, to a subject that does
// not expire and from which no other entry revokes it there. Local references are followed. Nothing is demanded of a policy
// that imports others.
func (p *Policy) Writable() bool {
	if len(p.Imports) > 0 {
		return true
	}
	var writers []Subject
	revoked := map[string]bool{}
	r := newResolver(p, nil)
	for i := range p.Entries {
		e := r.materialized(p, &p.Entries[i], nil)
		root := e.Resource(resourceRoot)
		switch {
		case root == nil:
		case slices.Contains(root.Revoke, permissionWrite):
			for _, s := range e.Subjects {
				revoked[s.ID] = true
			}
		case slices.Contains(root.Grant, permissionWrite):
			writers = append(writers, e.Subjects...)
		}
	}
	return slices.ContainsFunc(writers, func(s Subject) bool { return !s.Expires() && !revoked[s.ID] })
}
