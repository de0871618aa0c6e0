package mapping

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// Target maps the signals of an outbound Subscription. It is made by [NewTarget].
type Target struct{}

// NewTarget returns the target of a Subscription of a connection with that name and type. Errors say which template cannot be used.
func NewTarget(connection string, kind snapshot.ConnectionType, s *snapshot.Subscription) (*Target, error) {
	return &Target{}, nil
}

// Signal is a signal as its subscriber is told of it, taken apart.
type Signal struct {
	protocol.Envelope
	// Text is the envelope as it came.
	Text []byte
	// RequestedAcks are the labels that the subscriber is asked for.
	RequestedAcks []string
	// CorrelationID is the one to answer with.
	CorrelationID string
}

// ReadSignal takes the text of a signal apart. The signal aliases it.
func ReadSignal(text []byte) (*Signal, *protocol.Error) { return nil, nil }

// Unresolved says that a signal has no address: a placeholder of it has no value. It implements error.
type Unresolved struct{ Template string }

// Error implements error.
func (u *Unresolved) Error() string {
	return "the address " + u.Template + " has no value for this signal"
}

// Map returns the message that tells of a signal, nil if the target's payload has no form for it. ID is for what must have one and
// now is the time.
//
// Errors: *Unresolved, and others for what cannot be written in the form of the target.
func (t *Target) Map(s *Signal, id string, now time.Time) (*external.Message, error) { return nil, nil }
