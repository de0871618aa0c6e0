package policy

import (
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
)

// Directory knows the policies beside the one that a command is about. What it tells does not change while a command is
// decided. It is asked for each thing once.
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

// memory remembers for one command what a directory tells: finding that out may be expensive.
type memory struct {
	Directory
	policies map[string]*model.Policy // nil: there is none
	rights   map[string]*enforcer.Rights
}

func remember(d Directory) *memory {
	return &memory{Directory: d, policies: map[string]*model.Policy{}, rights: map[string]*enforcer.Rights{}}
}

// Policy implements Directory.
func (m *memory) Policy(id string) (*model.Policy, bool) {
	p, known := m.policies[id]
	if !known {
		if found, ok := m.Directory.Policy(id); ok {
			p = found
		}
		m.policies[id] = p
	}
	return p, p != nil
}

// Rights implements Directory.
func (m *memory) Rights(id string) *enforcer.Rights {
	rights, known := m.rights[id]
	if !known {
		rights = m.Directory.Rights(id)
		m.rights[id] = rights
	}
	return rights
}
