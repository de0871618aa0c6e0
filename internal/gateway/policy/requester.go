package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
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

// directory returns the directory, which remembers what it told: a Requester is used for one command.
func (r *Requester) directory() Directory {
	if m, ok := r.Directory.(*memory); ok {
		return m
	}
	if r.Directory == nil {
		r.Directory = nowhere{}
	}
	r.Directory = remember(r.Directory)
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
