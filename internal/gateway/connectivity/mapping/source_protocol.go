package mapping

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// mediaProtocol is the media type of envelopes.
const mediaProtocol = "application/vnd.eclipse.ditto+json"

// silentMedia are media types that ask for nothing: Hono's notifications.
var silentMedia = map[string]bool{
	"application/vnd.eclipse-hono-empty-notification":                 true,
	"application/vnd.eclipse-hono-device-provisioning-notification":   true,
	"application/vnd.eclipse-hono-dc-notification+json":               true,
	"application/vnd.eclipse-hono-delivery-failure-notification+json": true,
}

// mediaOf returns a content type without parameters, in lower case.
func mediaOf(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// readProtocol returns the envelope that a message has as its payload, by itself or in a CloudEvent; nil if the message asks for
// nothing. In case of an error the envelope is what was readable of it, if it is one.
func readProtocol(in *incoming) (*protocol.Envelope, *protocol.Error) {
	media := mediaOf(in.ofMessage(external.ContentType))
	if silentMedia[media] {
		return nil, nil
	}
	text, err := envelopeText(in, media)
	if err != nil {
		return nil, err
	}
	env := &protocol.Envelope{}
	err = protocol.Decode(text, env)
	return env, err
}

// envelopeText returns the text of the envelope.
func envelopeText(in *incoming, media string) ([]byte, *protocol.Error) {
	switch {
	case media == mediaCloudEvent:
		return structuredEvent(in.message.Payload)
	case isEvent(in):
		return binaryEvent(in, media)
	}
	return in.message.Payload, nil
}
