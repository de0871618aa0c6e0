package policy

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What follows is for policies that are created together with a thing: one of Read, Default and Copy makes the policy,
// Create decides its creation.

// Read reads a policy as the requester writes it, canonical JSON. Without an id in it, it has this one.
func Read(id string, raw []byte, who Requester, now time.Time, s Settings) (*model.Policy, *protocol.Error) {
	namespace, name, _ := strings.Cut(id, ":")
	if protocol.ValidateID(namespace, name) != nil {
		return nil, protocol.ErrPolicyIDInvalid(id)
	}
	return s.reader(&who, now.UTC()).Policy(id, raw)
}

// Default returns the policy of a thing that is created without one: everything to the subject.
func Default(id, subject string) *model.Policy {
	all := []string{"READ", "WRITE"}
	entry := model.Entry{Label: "DEFAULT", Subjects: []model.Subject{{ID: subject, Type: "generated"}}}
	for _, key := range []string{"thing:/", "policy:/", "message:/"} {
		entry.Resources = append(entry.Resources, model.Resource{Key: key, Grant: all})
	}
	return &model.Policy{ID: id, Entries: []model.Entry{entry}}
}

// Copy returns the policy under another id.
func Copy(p *model.Policy, id string) *model.Policy {
	copied := *p
	copied.ID = id
	return &copied
}

// Create says what comes of creating the policy on prev, nil if there never was one with its id, at the time now. The
// requester may be denied to modify it if allowLockout is set. The outcome is that of a create command.
//
// Errors: policies:policy.conflict if the policy exists, policies:policy.notcreatable if it does not let the requester modify
// it, policies:policy.notfound for an imported one that is absent or must not be read, and those for what is wrong with the
// policy as a whole.
func Create(prev *State, p *model.Policy, allowLockout bool, who Requester, now time.Time, s Settings) (Outcome, *protocol.Error) {
	namespace, name, _ := strings.Cut(p.ID, ":")
	command := &Command{
		ID: p.ID, Namespace: namespace, Name: name, Action: protocol.Create, Value: p.Append(nil), AllowLockout: allowLockout,
	}
	d := decision{Command: command, state: prev, who: &who, now: now.UTC(), settings: &s}
	return d.create()
}
