package mqtt

import (
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// Headers that only MQTT has.
const (
	headerPrefix = "mqtt."
	headerTopic  = "mqtt.topic"
	headerQoS    = "mqtt.qos"
	headerRetain = "mqtt.retain"
	headerExpiry = "mqtt.message-expiry-interval"
)

// incoming returns a message as a source gets it.
func incoming(p *packet.Publish, s *snapshot.Source, v packet.Version) external.Message {
	headers := make(external.Headers, 3+len(p.User))
	if v == packet.V5 {
		properties(headers, &p.Properties)
	}
	headers[headerTopic] = p.Topic
	headers[headerQoS] = strconv.Itoa(int(min(p.QoS, qosOf(s))))
	headers[headerRetain] = strconv.FormatBool(p.Retain)
	return external.Message{Address: p.Topic, Headers: headers, Payload: p.Payload}
}

// properties adds what MQTT 5 says of a message. What the sender adds by a name that means something here does not count where the
// protocol has a place for it, and never where only the broker can know.
func properties(headers external.Headers, p *packet.Properties) {
	for _, user := range p.User {
		if name := strings.ToLower(user.Key); !strings.HasPrefix(name, headerPrefix) {
			headers[name] = user.Value
		}
	}
	if p.Expires {
		headers[headerExpiry] = strconv.FormatUint(uint64(p.Expiry), 10)
	}
	if len(p.Correlation) > 0 {
		headers[external.CorrelationID] = strings.ToValidUTF8(string(p.Correlation), "\uFFFD")
	}
	if p.ResponseTopic != "" {
		headers[external.ReplyTo] = p.ResponseTopic
	}
	if p.ContentType != "" {
		headers[external.ContentType] = p.ContentType
	}
}
