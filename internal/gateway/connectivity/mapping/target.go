package mapping

import (
	"fmt"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// Target maps the signals of an outbound Subscription. It is made by [NewTarget].
type Target struct {
	connection string
	form       form
	// address is nil where the type of the connection has none.
	address *targetTemplate
	headers []targetHeader
}

// form is how signals are written. It returns nil for a signal that it does not write. Of the headers it sets those that say what
// the payload is.
type form interface {
	write(s *Signal, id string, now time.Time) (*external.Message, error)
}

// NewTarget returns the target of a Subscription of a connection with that name and type. Errors say which template cannot be used.
func NewTarget(connection string, _ snapshot.ConnectionType, s *snapshot.Subscription) (*Target, error) {
	if s.Target == nil {
		return nil, fmt.Errorf("subscription %s has no target", s.Name)
	}
	t := &Target{connection: connection}
	var err error
	if t.form, err = newForm(connection, s.Target); err != nil {
		return nil, err
	}
	if s.Target.Address != "" {
		if t.address, err = newTargetTemplate(s.Target.Address); err != nil {
			return nil, fmt.Errorf("address: %w", err)
		}
	}
	t.headers, err = newTargetHeaders(s.Target.Headers)
	return t, err
}

func newForm(connection string, t *snapshot.Target) (form, error) {
	switch t.Payload {
	case snapshot.TargetDittoProtocol:
		return envelopeForm{}, nil
	case snapshot.TargetNormalizedThing:
		return newNormalizedForm(t.Fields, t.DeletedFields)
	case snapshot.TargetRawMessage:
		return rawForm{}, nil
	case snapshot.TargetCloudEvent:
		return newCloudEventForm(connection), nil
	}
	return nil, fmt.Errorf("there is no payload %q", t.Payload)
}

// Unresolved says that a signal has no address: a placeholder of it has no value. It implements error.
type Unresolved struct{ Template string }

// Error implements error.
func (u *Unresolved) Error() string {
	return "the address " + u.Template + " has no value for this signal"
}

// Map returns the message that tells of a signal, nil if the target's payload has no form for it. ID is for what must have one and
// now is the time. The message may alias the signal's text.
//
// Protocol rules: templates see the signal. A header that has no value is left out; without an address there is no message. Where
// there are several values the first counts.
//
// Errors: *Unresolved, and others for what cannot be written in the form of the target.
func (t *Target) Map(s *Signal, id string, now time.Time) (*external.Message, error) {
	m, err := t.form.write(s, id, now)
	if m == nil || err != nil {
		return nil, err
	}
	of := newOutWords(t.connection, s, now)
	for i := range t.headers {
		if err := t.headers[i].set(m.Headers, of); err != nil {
			return nil, err
		}
	}
	if m.Address, err = t.resolveAddress(of); err != nil {
		return nil, err
	}
	m.Key = keyOf(&s.Topic)
	return m, nil
}

// resolveAddress returns where the message goes, "" where the type of the connection has no addresses.
func (t *Target) resolveAddress(of *outWords) (string, error) {
	if t.address == nil {
		return "", nil
	}
	address, err := t.address.first(of)
	switch {
	case err != nil && !isDeleted(err):
		return "", fmt.Errorf("address: %w", err)
	case address == nil || *address == "":
		return "", &Unresolved{Template: t.address.text}
	case isForBroker(t.address.text, *address):
		return "", errReserved
	}
	return *address, nil
}

// keyOf returns the key of messages about what a topic is about: the order of those about one entity matters.
func keyOf(t *protocol.Topic) string {
	if t.Name == protocol.Wildcard {
		return ""
	}
	return t.EntityID()
}
