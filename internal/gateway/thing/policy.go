package thing

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// policyFor returns the id of the policy of a thing to be created, and the policy itself if it is made together with the
// thing.
//
// Protocol rules: a policy to be copied comes before one in the value, that before the id of an existing one. Without any
// of them the requester may do everything. A policy in the value has the id that the thing names, or else its own, or else
// that of the thing.
func (d *decision) policyFor(p *parts) (id string, policy []byte, err *protocol.Error) {
	switch {
	case p.policy != nil && p.copyPolicyFrom != nil:
		return "", nil, protocol.ErrPolicyConflicting()
	case p.copyPolicyFrom != nil:
		return "", nil, d.errCopy(p.copyPolicyFrom)
	case p.policy != nil:
		return d.inlinePolicy(p)
	case p.policyID != nil:
		return textOf(p.policyID), nil, nil
	}
	return d.ID, defaultPolicy(d.ID, d.Subject), nil
}

// errCopy is the error for a policy to be copied: none exists yet that could be.
func (d *decision) errCopy(from []byte) *protocol.Error {
	if document.KindOf(from) != document.String {
		return shape{}.fault(memberCopyPolicyFrom, "a string", from)
	}
	return protocol.ErrPolicyNotFound(textOf(from))
}

// inlinePolicy checks a policy that came in the value and gives it its id.
func (d *decision) inlinePolicy(p *parts) (id string, policy []byte, err *protocol.Error) {
	if document.KindOf(p.policy) != document.Object {
		return "", nil, protocol.ErrPolicyInvalid("The policy must be an object.")
	}
	id = d.ID
	if own, ok := document.Get(p.policy, document.Pointer{memberPolicyID}); ok {
		if _, err := (shape{}).policyID(own); err != nil {
			return "", nil, err
		}
		id = textOf(own)
	}
	if p.policyID != nil {
		id = textOf(p.policyID)
	}
	writable, reason := checkEntries(p.policy)
	if reason == "" && !writable && !d.AllowPolicyLockout {
		reason = "No subject has WRITE permission on policy:/."
	}
	if reason != "" {
		return "", nil, protocol.ErrPolicyInvalid(reason)
	}
	return id, withPolicyID(withImportable(p.policy), id), nil
}

// withImportable returns the policy with the member importable in every entry. Protocol rule: it is always shown.
func withImportable(policy []byte) []byte {
	entries, _ := document.Get(policy, document.Pointer{memberEntries})
	for label, entry := range document.Members(entries) {
		if _, ok := document.Get(entry, document.Pointer{memberImportable}); !ok {
			policy = document.Set(policy, document.Pointer{memberEntries, label, memberImportable}, []byte(`"implicit"`))
		}
	}
	return policy
}

// withPolicyID returns the policy with this id as its first member.
func withPolicyID(policy []byte, id string) []byte {
	w := newWriter(len(policy) + len(id) + len(`"policyId":"",`))
	w.member(memberPolicyID, document.AppendString(nil, id))
	for name, value := range document.Members(policy) {
		if name != memberPolicyID {
			w.member(name, value)
		}
	}
	return w.object()
}

// Members of policies and what they hold.
const (
	memberEntries   = "entries"
	memberSubjects  = "subjects"
	memberResources = "resources"
	memberGrant     = "grant"
	memberRevoke    = "revoke"

	memberImportable = "importable"

	resourcePolicy  = "policy:/"
	permissionWrite = `"WRITE"`
)

// checkEntries reports whether the entries of a policy let any subject change the policy, or why they are invalid.
func checkEntries(policy []byte) (writable bool, reason string) {
	entries, _ := document.Get(policy, document.Pointer{memberEntries})
	if document.KindOf(entries) != document.Object {
		return false, "The policy must have an object of entries."
	}
	for _, entry := range document.Members(entries) {
		subjects, _ := document.Get(entry, document.Pointer{memberSubjects})
		resources, _ := document.Get(entry, document.Pointer{memberResources})
		if document.KindOf(subjects) != document.Object || document.KindOf(resources) != document.Object {
			return false, "Every entry of the policy must have an object of subjects and one of resources."
		}
		for key, permissions := range document.Members(resources) {
			grant, _ := document.Get(permissions, document.Pointer{memberGrant})
			revoke, _ := document.Get(permissions, document.Pointer{memberRevoke})
			if document.KindOf(grant) != document.Array || document.KindOf(revoke) != document.Array {
				return false, "Every resource in the policy must have an array of permissions to grant and one to revoke."
			}
			if key == resourcePolicy && len(subjects) > len(`{}`) && allowsWrite(grant) && !allowsWrite(revoke) {
				writable = true
			}
		}
	}
	return writable, ""
}

// allowsWrite reports whether permissions hold WRITE.
func allowsWrite(permissions []byte) bool {
	for permission := range document.Elements(permissions) {
		if string(permission) == permissionWrite {
			return true
		}
	}
	return false
}

// defaultPolicy returns the policy of a thing that was created without one: everything to the subject.
func defaultPolicy(id, subject string) []byte {
	const all = `{"grant":["READ","WRITE"],"revoke":[]}`
	p := append([]byte(nil), `{"policyId":`...)
	p = document.AppendString(p, id)
	p = append(p, `,"entries":{"DEFAULT":{"subjects":{`...)
	p = document.AppendString(p, subject)
	return append(p, `:{"type":"generated"}},"resources":{"thing:/":`+all+`,"policy:/":`+all+`,"message:/":`+all+
		`},"importable":"implicit"}}}`...)
}

// ownPolicy returns the policy that was made together with the thing, nil if the thing has or had another.
func (s *State) ownPolicy() []byte {
	id, _ := document.Get(s.Policy, document.Pointer{memberPolicyID})
	if id == nil || textOf(id) != s.PolicyID() {
		return nil
	}
	return s.Policy
}
