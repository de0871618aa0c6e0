package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
)

// Requester is who sent a command, and what it may do.
type Requester struct {
	// Subjects are its authorization subjects.
	Subjects []string
	// Rights are those of the subjects under the policy that the command is about, as it is before the command, with its
	// imports and regardless of namespaces; nil for none.
	Rights *enforcer.Rights
	// Directory knows the other policies; nil: there are none.
	Directory Directory
	// Past knows former states of the policy that the command is about; nil: there are none.
	Past Past
}

// Directory knows the policies beside the one that a command is about. What it tells does not change while a command is
// decided.
type Directory interface {
	// Policy returns the policy with the id, which must not be modified, and whether there is one.
	Policy(id string) (*model.Policy, bool)
	// Rights returns what the requester may do under the policy with the id, nil for nothing or if there is no such policy.
	Rights(id string) *enforcer.Rights
}

// nowhere is the directory of somebody who has none.
type nowhere struct{}

func (nowhere) Policy(string) (*model.Policy, bool) { return nil, false }
func (nowhere) Rights(string) *enforcer.Rights      { return nil }

func (r *Requester) directory() Directory {
	if r.Directory == nil {
		return nowhere{}
	}
	return r.Directory
}

// subject is the first authorization subject, "" if there is none.
func (r *Requester) subject() string {
	if len(r.Subjects) == 0 {
		return ""
	}
	return r.Subjects[0]
}

// reads reports whether the requester may read anything at a place in the policy with the id.
func (r *Requester) reads(id string, p document.Pointer) bool {
	return r.directory().Rights(id).Partial(enforcer.Policy, p, enforcer.Read)
}
