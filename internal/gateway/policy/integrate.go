package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Integrate says what an action does to a policy in state st, nil if it never existed, at the time now. The subjects are what
// the template makes of the claims of the token and, as policy-entry:label, the label of an entry. However many entries the
// action is about, it is one change. It is none if the subjects to be removed are not there.
//
// Protocol rules: the bearer needs the permission to perform the action on an entry, and must be in it itself; to add subjects,
// the entry must also let it read something of things. An action on the whole policy is about those entries of which that holds.
//
// Errors: policies:policy.notfound, policies:action.failed with 403 for who has no permission, 404 for entries that the action
// cannot be about, 400 for claims that no subject can be made of, those of what is wrong with the subjects, and those of
// modifications.
func Integrate(st *State, i *Integration, subjects *placeholder.Template, who Requester, now time.Time, s Settings) (Outcome, *protocol.Error) {
	if !st.Exists() {
		return Outcome{}, protocol.ErrPolicyNotFound(i.ID)
	}
	before, err := st.Policy()
	if err != nil {
		return Outcome{}, protocol.ErrInternal()
	}
	d := integrating{
		Integration: i, template: subjects, who: &who, now: now.UTC(), settings: &s, state: st, before: before, next: before.Clone(),
	}
	entries, refused := d.entries()
	if refused != nil {
		return Outcome{}, refused
	}
	if err := i.precondition(""); err != nil { // what it is about has no entity tag
		return Outcome{}, err
	}
	for _, entry := range entries {
		if err := d.change(entry); err != nil {
			return Outcome{}, err
		}
	}
	return d.outcome()
}

// integrating is an action in the face of a state.
type integrating struct {
	*Integration

	template *placeholder.Template
	who      *Requester
	now      time.Time
	settings *Settings
	state    *State
	before   *model.Policy
	// next is the policy as far as it has been changed.
	next *model.Policy
	// done is what was changed, by entry.
	done []integrated
	// size is what the subjects come to that were added, in bytes of their text.
	size int
}

// integrated is what was changed in an entry.
type integrated struct {
	label    string
	subjects []model.Subject
	// replaced says of the first that it was there before.
	replaced bool
}

// entries returns the entries that the action is about, at least one.
func (d *integrating) entries() ([]*model.Entry, *protocol.Error) {
	permitted := false
	var entries []*model.Entry
	for i := range d.next.Entries {
		entry := &d.next.Entries[i]
		if !d.addresses(entry.Label) || !d.permits(entry.Label) {
			continue
		}
		permitted = true
		if d.applies(entry) {
			entries = append(entries, entry)
		}
	}
	switch {
	case len(entries) > 0:
		return entries, nil
	case permitted, d.Path.Kind == protocol.PolicyEntry && d.permits(d.Path.Pointer[1]):
		return nil, protocol.ErrPolicyActionFailed(404, d.name(), "You are in no entry of the policy that it could be performed on.")
	}
	return nil, protocol.ErrPolicyActionFailed(403, d.name(), "You need the permission EXECUTE for it on an entry of the policy.")
}

func (d *integrating) addresses(label string) bool {
	return d.Path.Kind == protocol.Root || d.Path.Pointer[1] == label
}

func (d *integrating) permits(label string) bool {
	return d.who.Rights.Unrestricted(enforcer.Policy, document.Pointer{"entries", label, "actions", d.name()}, enforcer.Execute)
}

// applies reports whether the action can be about an entry.
func (d *integrating) applies(e *model.Entry) bool {
	return slices.ContainsFunc(e.Subjects, func(s model.Subject) bool { return slices.Contains(d.who.Subjects, s.ID) }) &&
		(!d.Activate || slices.ContainsFunc(e.Resources, readsThings))
}

// readsThings reports whether what an entry says about a resource lets somebody read something of things.
func readsThings(r model.Resource) bool {
	return strings.HasPrefix(r.Key, "thing:") && slices.Contains(r.Grant, "READ")
}

// change does what the action does to an entry.
func (d *integrating) change(e *model.Entry) *protocol.Error {
	ids, err := d.subjectIDs(e.Label)
	if err != nil {
		return err
	}
	done := integrated{label: e.Label}
	for _, id := range ids {
		had := e.Subject(id) != nil
		subject := model.Subject{ID: id}
		switch {
		case d.Activate:
			if subject, err = d.added(id); err != nil {
				return err
			}
			*e = e.WithSubject(subject)
		case had:
			*e = e.WithoutSubject(id)
		default:
			continue
		}
		done.subjects, done.replaced = append(done.subjects, subject), had
	}
	if len(done.subjects) > 0 {
		d.done = append(d.done, done)
	}
	return nil
}

// added returns a subject that is added. It is refused as soon as it is known that the policy will be too large.
func (d *integrating) added(id string) (model.Subject, *protocol.Error) {
	subject, err := d.settings.reader(d.who, d.now).Subject(id, d.subject(d.now))
	if err != nil {
		return subject, err
	}
	d.size += len(id) + len(model.AppendSubject(nil, subject))
	if d.size > d.settings.MaxSize {
		return subject, protocol.ErrPolicyTooLarge(d.size, d.settings.MaxSize)
	}
	return subject, nil
}

// subjectIDs returns the ids of the subjects that stand for the bearer and an entry, each once.
func (d *integrating) subjectIDs(label string) ([]string, *protocol.Error) {
	found, err := d.template.Resolve(entryOf{d.Bearer.Claims, label})
	if err != nil || len(found) == 0 {
		return nil, protocol.ErrPolicyActionFailed(400, d.name(), "The token does not say what its subjects are made of.")
	}
	var ids []string
	for _, id := range found {
		// What a token says is not evaluated once more.
		if strings.Contains(id, "{{") || strings.Contains(id, "${") {
			return nil, protocol.ErrPolicySubjectIDInvalid(id)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// entryOf is what subjects are made of: claims, and an entry.
type entryOf struct {
	claims placeholder.Source
	label  string
}

// Lookup implements placeholder.Source.
func (e entryOf) Lookup(prefix, name string) ([]string, bool) {
	if prefix == "policy-entry" {
		return []string{e.label}, name == "label"
	}
	return e.claims.Lookup(prefix, name)
}

// outcome returns the outcome of what was changed.
func (d *integrating) outcome() (Outcome, *protocol.Error) {
	response := Response{Action: d.Action, Path: d.Path, Status: statusNoContent, Revision: d.state.Revision}
	if len(d.done) == 0 {
		return Outcome{Response: response}, nil
	}
	doc := d.next.Append(make([]byte, 0, len(d.state.Doc)+d.size))
	if err := d.check(doc); err != nil {
		return Outcome{}, err
	}
	response.Revision++
	return Outcome{
		State: d.state.after(d.next, doc, d.now), Event: d.event(), Removed: removed(d.before, d.next), Response: response,
	}, nil
}

// check checks what the policy would be.
func (d *integrating) check(doc []byte) *protocol.Error {
	switch {
	case len(doc) > d.settings.MaxSize:
		return protocol.ErrPolicyTooLarge(len(doc), d.settings.MaxSize)
	case !d.settings.LockoutPrevention || d.next.Writable():
		return nil
	case d.Path.Kind == protocol.Root:
		return protocol.ErrPolicyModificationInvalid(d.ID)
	}
	return protocol.ErrPolicyEntryModificationInvalid(d.ID, d.Path.Pointer[1])
}

// event returns what is told of the change.
//
// Protocol rule: one subject was created, modified or deleted; several are told together as something that was modified or
// deleted of the policy, by entry: the subjects, or the ids of those that are gone.
func (d *integrating) event() *Event {
	event := &Event{Action: protocol.Modified}
	if !d.Activate {
		event.Action = protocol.Deleted
	}
	if len(d.done) > 1 || len(d.done[0].subjects) > 1 {
		event.Value = d.appendDone()
		return event
	}
	one := d.done[0]
	event.Path = protocol.Path{
		Kind: protocol.PolicySubject, Pointer: document.Pointer{"entries", one.label, "subjects", one.subjects[0].ID},
	}
	if d.Activate {
		event.Value = model.AppendSubject(nil, one.subjects[0])
		if !one.replaced {
			event.Action = protocol.Created
		}
	}
	return event
}

// appendDone returns what was changed as a JSON object, by label.
func (d *integrating) appendDone() []byte {
	value := []byte{'{'}
	for i, done := range d.done {
		if i > 0 {
			value = append(value, ',')
		}
		value = append(document.AppendString(value, done.label), ':')
		if d.Activate {
			value = model.AppendSubjects(value, done.subjects)
			continue
		}
		ids := make([]string, len(done.subjects))
		for i := range done.subjects {
			ids[i] = done.subjects[i].ID
		}
		value = protocol.AppendLabels(value, ids)
	}
	return append(value, '}')
}
