package external

import "strings"

// Message is what is exchanged with an outside system.
type Message struct {
	// Address is where the message came from or goes to: a topic, a subject, method and path of a request. It has been resolved.
	Address string
	// Headers are what the carrier has besides the payload.
	Headers Headers
	// Payload is the message itself.
	Payload []byte
	// Key is that of the messages among which the order matters, mostly the id of a thing; empty if it matters to none.
	Key string
}

// Names of headers that mean the same whatever carries them. Those of a carrier's own begin with its name, such as mqtt.qos.
const (
	ContentType   = "content-type"
	CorrelationID = "correlation-id"
	ReplyTo       = "reply-to"
)

// Headers are texts by name. Names are found in any case; those of a message that came in are in lower case.
type Headers map[string]string

// Get returns the value of a header, and whether there is one.
func (h Headers) Get(name string) (string, bool) {
	if value, ok := h[name]; ok {
		return value, true
	}
	for key, value := range h {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}
