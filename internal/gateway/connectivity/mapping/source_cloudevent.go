package mapping

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Media types of CloudEvents and of JSON.
const (
	mediaCloudEvent = "application/cloudevents+json"
	mediaJSON       = "application/json"
)

// eventAttributes are what every CloudEvent has (CloudEvents 1.0.2, section 3.1).
var eventAttributes = [...]string{"id", "source", "specversion", "type"}

// eventPrefixes begin the names of headers with attributes: that of HTTP, and that of Kafka.
var eventPrefixes = [...]string{"ce-", "ce_"}

// isEvent reports whether a message is the data of a CloudEvent whose attributes are headers (binary mode).
func isEvent(in *incoming) bool {
	for name := range in.message.Headers {
		lower := strings.ToLower(name)
		for _, prefix := range eventPrefixes {
			if attribute, found := strings.CutPrefix(lower, prefix); found && slices.Contains(eventAttributes[:], attribute) {
				return true
			}
		}
	}
	return false
}

// attribute returns an attribute of a CloudEvent that is a header, "" if there is none.
func attribute(in *incoming, name string) string {
	for _, prefix := range eventPrefixes {
		if text := in.ofMessage(prefix + name); text != "" {
			return text
		}
	}
	return ""
}

// binaryEvent returns the data of a CloudEvent whose attributes are headers.
func binaryEvent(in *incoming, media string) ([]byte, *protocol.Error) {
	for _, name := range eventAttributes {
		if attribute(in, name) == "" {
			return nil, errAttribute(name)
		}
	}
	if media != mediaProtocol && media != mediaJSON {
		return nil, errEventMedia()
	}
	return in.message.Payload, nil
}

// structuredEvent returns the data of a CloudEvent that is JSON. Data that does not say what it is, is JSON (JSON Event Format,
// section 3.1).
func structuredEvent(payload []byte) ([]byte, *protocol.Error) {
	event, err := document.Canonical(payload)
	if err != nil || document.KindOf(event) != document.Object {
		return nil, protocol.ErrMessageMappingFailed("A CloudEvent must be a JSON object.")
	}
	for _, name := range eventAttributes {
		if text, ok := textAt(event, name); !ok || text == "" {
			return nil, errAttribute(name)
		}
	}
	if text, ok := textAt(event, "datacontenttype"); ok && mediaOf(text) != mediaProtocol && mediaOf(text) != mediaJSON {
		return nil, errEventMedia()
	}
	return eventData(event)
}

// eventData returns the data of a CloudEvent. It is JSON, or text with base64, and not both.
func eventData(event []byte) ([]byte, *protocol.Error) {
	data, plain := document.Get(event, document.Pointer{"data"})
	plain = plain && document.KindOf(data) != document.Null
	encoded, has := textAt(event, "data_base64")
	switch {
	case plain == has:
		return nil, protocol.ErrMessageMappingFailed("A CloudEvent must have either data or data_base64.")
	case plain:
		return data, nil
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, protocol.ErrMessageMappingFailed("The member data_base64 of the CloudEvent must be base64.")
	}
	return decoded, nil
}

// textAt returns the text of a member of an object, and whether it has one.
func textAt(object []byte, name string) (string, bool) {
	raw, ok := document.Get(object, document.Pointer{name})
	if !ok || document.KindOf(raw) != document.String {
		return "", false
	}
	text, err := document.Unquote(raw)
	return text, err == nil
}

func errAttribute(name string) *protocol.Error {
	return protocol.ErrMessageMappingFailed("A CloudEvent must have the attributes id, source, specversion and type; " + name + " is missing.")
}

func errEventMedia() *protocol.Error {
	return protocol.ErrMessageMappingFailed("The data of a CloudEvent must be " + mediaProtocol + ".")
}
