package mapping

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// envelopeForm writes signals as envelopes, as they came.
type envelopeForm struct{}

func (envelopeForm) write(s *Signal, _ string, _ time.Time) (*external.Message, error) {
	return newMessage(mediaProtocol, s.Text), nil
}

// newMessage returns a message of a media type, which has no address yet.
func newMessage(media string, payload []byte) *external.Message {
	return &external.Message{Headers: external.Headers{external.ContentType: media}, Payload: payload}
}
