package connectivity

import (
	"maps"
	"slices"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// message returns what is published of a signal, nil if it has no form at the other end.
func (o *outlet) message(s *mapping.Signal, id string, now time.Time) (*external.Message, error) {
	m, err := o.target.Map(s, id, now)
	switch {
	case m == nil || err != nil || o.peer.kind != snapshot.ConnectionDittoWebSocket:
		return m, err
	case s.Topic.Group != protocol.Things: // nothing of it can be repeated there
		return nil, nil //nolint:nilnil // There is no message, which is no error.
	case s.Topic.Channel == protocol.Live:
		return m, o.readdress(s, m)
	}
	return m, nil
}

// readdress makes a live signal one for another endpoint of the protocol: headers of the message are headers of the envelope, and the
// other end is not asked for the acknowledgement that the outlet gives itself.
func (o *outlet) readdress(s *mapping.Signal, m *external.Message) error {
	own := slices.Contains(s.RequestedAcks, o.issued)
	if len(m.Headers) == 1 && !own { // there is always a content type
		return nil
	}
	env := s.Envelope
	env.Headers = s.Headers.Clone()
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		if name == external.ContentType {
			continue
		}
		if err := env.Headers.ReadText(name, m.Headers[name]); err != nil {
			return err
		}
	}
	if own {
		others := slices.DeleteFunc(slices.Clone(s.RequestedAcks), func(label string) bool { return label == o.issued })
		env.Headers.Set(protocol.HeaderRequestedAcks, protocol.AppendLabels(nil, others))
	}
	m.Payload = env.Append(make([]byte, 0, len(s.Text)))
	return nil
}
