package policy

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Expire removes a subject whose time has come from an entry of a policy in state st, nil if it never existed. Nobody needs a
// permission for it, and it is of no account that nobody may be able to change the policy afterwards. The outcome has no
// response. It is zero if there is no such subject, or its time has not come at now.
func Expire(st *State, label, subject string, now time.Time) Outcome {
	if !st.Exists() {
		return Outcome{}
	}
	p, err := st.Policy()
	if err != nil || !expired(p, label, subject, now) {
		return Outcome{}
	}
	path := protocol.Path{Kind: protocol.PolicySubject, Pointer: document.Pointer{"entries", label, "subjects", subject}}
	doc, _ := document.Delete(st.Doc, path.Pointer)
	next, err := model.Load(doc)
	if err != nil {
		return Outcome{}
	}
	return Outcome{
		State: st.after(next, next.Append(make([]byte, 0, len(doc))), now.UTC()),
		Event: &Event{Action: protocol.Deleted, Path: path},
	}
}

// expired reports whether an entry has the subject and its time has come.
func expired(p *model.Policy, label, subject string, now time.Time) bool {
	entry := p.Entry(label)
	if entry == nil {
		return false
	}
	s := entry.Subject(subject)
	return s != nil && !s.Expiry.IsZero() && !s.Expiry.After(now)
}
