package mapping

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What a payload is whose message does not say so.
const (
	mediaText  = "text/plain; charset=UTF-8"
	mediaBytes = "application/octet-stream"
)

// rawHeaders are the headers that say of a message what its envelope would.
var rawHeaders = [...]protocol.HeaderName{
	protocol.HeaderMessageDirection, protocol.HeaderMessageSubject, protocol.HeaderMessageThingID, protocol.HeaderMessageFeatureID,
}

// rawForm writes messages and their responses as their payload alone.
//
// Protocol rules: what the envelope says is in headers instead. Messages whose payload is an envelope, and other signals, are
// written as envelopes.
type rawForm struct{}

func (rawForm) write(s *Signal, id string, now time.Time) (*external.Message, error) {
	contentType, _ := s.Headers.String(protocol.HeaderContentType)
	if !s.isMessage() || mediaOf(contentType) == mediaProtocol {
		return envelopeForm{}.write(s, id, now)
	}
	m := newMessage(rawPayload(contentType, s.Value))
	for _, name := range rawHeaders {
		if text, ok := s.Headers.String(name); ok {
			m.Headers[name.String()] = text
		}
	}
	if s.Status != 0 {
		m.Headers[protocol.HeaderStatus.String()] = strconv.Itoa(s.Status)
	}
	return m, nil
}

// rawPayload returns the media type and the bytes of a payload. Protocol rules: the media type is that of the message; one that does
// not say what it is, is text, as far as it can be. Text is UTF-8, whatever it was when it was sent.
func rawPayload(contentType string, value []byte) (media string, raw []byte) {
	raw, media = live.RawPayload(contentType, value)
	switch {
	case contentType == "" && utf8.Valid(raw):
		return mediaText, raw
	case contentType == "":
		return mediaBytes, raw
	case media != "" && strings.Contains(strings.ToLower(contentType), "charset"):
		return media, raw
	}
	return contentType, raw
}
