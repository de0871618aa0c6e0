package policy

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Integration is what the bearer of a token wants for somebody who acts on its behalf, a connection for example: that the
// subjects which stand for both are let into the entries of a policy that the bearer is in itself, until the token expires, or
// that they are removed from there. It comes from [NewIntegration] and is not modified afterwards.
//
// The command in it is what a modification of the policy has in common with it. Its path is that of one entry, or of the whole
// policy for all entries in which the bearer is.
type Integration struct {
	Command

	// Activate says that subjects are added; without, they are removed.
	Activate bool
	// Bearer is who wants it.
	Bearer Bearer
	// Announcement is what subjects that are added are told before they expire, canonical JSON; nil for nothing.
	Announcement []byte
}

// Bearer is what is known of who has a token.
type Bearer struct {
	// Claims are what the token says, as placeholders.
	Claims placeholder.Source
	// Expires is when the token does. Who has no token has neither.
	Expires time.Time
}

// What the actions are called.
const (
	activate   = "activateTokenIntegration"
	deactivate = "deactivateTokenIntegration"
)

// name is what the action is called.
func (i *Integration) name() string {
	if i.Activate {
		return activate
	}
	return deactivate
}

// NewIntegration makes an action of an envelope whose topic is a policies command for a single policy, whose path is "/" or that
// of an entry, and whose value, if it has one, is an object that may have the member announcement.
//
// Protocol rule: only who has a token has anything that could act on its behalf.
//
// Errors: policies:action.failed with 400 for who has none, those of [NewCommand], those of an announcement.
func NewIntegration(env *protocol.Envelope, activates bool, bearer Bearer) (*Integration, *protocol.Error) {
	t := &env.Topic
	i := &Integration{
		Command:  Command{ID: t.EntityID(), Namespace: t.Namespace, Name: t.Name, Action: protocol.Modify},
		Activate: activates, Bearer: bearer,
	}
	if err := i.address(env); err != nil {
		return nil, err
	}
	switch i.Path.Kind {
	case protocol.Root, protocol.PolicyEntry:
	default:
		return nil, protocol.ErrPolicyPathUnknown(env.Path)
	}
	if bearer.Claims == nil || bearer.Expires.IsZero() {
		return nil, protocol.ErrPolicyActionFailed(400, i.name(), "It is for who authenticates by a token.")
	}
	if err := i.readHeaders(&env.Headers); err != nil {
		return nil, err
	}
	return i, i.readAnnouncement(env.Value)
}

// readAnnouncement reads what the value says beside that the action is wanted.
func (i *Integration) readAnnouncement(value []byte) *protocol.Error {
	if value == nil || !i.Activate {
		return nil
	}
	value, err := document.Canonical(value)
	switch {
	case err != nil:
		return protocol.ErrValueInvalid(err.Error())
	case document.KindOf(value) != document.Object:
		return protocol.ErrJSONFormatInvalid("The value must be an object.")
	}
	announcement, ok := document.Get(value, document.Pointer{"announcement"})
	if !ok || document.KindOf(announcement) == document.Null {
		return nil
	}
	i.Announcement = announcement
	_, invalid := lenient.Subject(lenient.Requester, i.subject(time.Time{}))
	return invalid
}

// subject returns a subject that is added at the time, as a client would write it. Protocol rule: its type says where it comes
// from.
func (i *Integration) subject(now time.Time) []byte {
	raw := document.AppendString([]byte(`{"type":`), "added via action <"+i.name()+"> at <"+now.Format(time.RFC3339Nano)+">")
	raw = document.AppendString(append(raw, `,"expiry":`...), i.Bearer.Expires.UTC().Format(time.RFC3339Nano))
	if i.Announcement != nil {
		raw = append(append(raw, `,"announcement":`...), i.Announcement...)
	}
	return append(raw, '}')
}
