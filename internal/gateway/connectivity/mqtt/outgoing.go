package mqtt

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// outgoing returns what a message is for a broker.
//
// Errors: what of the message cannot be said in MQTT. What it says itself is not in them.
func outgoing(m *external.Message, delivery snapshot.DeliveryGuarantee, v packet.Version) (packet.Publish, error) {
	p := packet.Publish{Topic: m.Address, Payload: m.Payload}
	if delivery == snapshot.AtLeastOnce {
		p.QoS = 1
	}
	for name, value := range m.Headers {
		key := strings.ToLower(name)
		// Protocol rule: MQTT 3 has no headers but what its packets have a place for.
		if v == packet.V3 && key != headerTopic && key != headerQoS && key != headerRetain {
			continue
		}
		if err := say(&p, key, name, value); err != nil {
			return p, err
		}
	}
	if !isTopic(p.Topic) {
		return p, errText("the address is no topic that can be published to")
	}
	slices.SortFunc(p.User, func(a, b packet.Property) int { return cmp.Compare(a.Key, b.Key) })
	return p, nil
}

// say says a header in MQTT.
func say(p *packet.Publish, key, name, value string) error {
	ok := isText(value)
	switch key {
	case headerTopic: // as with addresses, nobody but the one who configures them tells brokers what to do
		ok = ok && (!strings.HasPrefix(value, "$") || strings.HasPrefix(p.Topic, "$"))
		p.Topic = value
	case headerQoS:
		qos, err := strconv.ParseUint(value, 10, 8)
		p.QoS, ok = byte(qos), err == nil && qos <= 2
	case headerRetain:
		p.Retain = strings.EqualFold(value, "true")
		ok = p.Retain || strings.EqualFold(value, "false")
	case headerExpiry:
		expiry, err := strconv.ParseUint(value, 10, 32)
		p.Expires, p.Expiry, ok = true, uint32(expiry), err == nil
	case external.CorrelationID:
		p.Correlation = []byte(value)
		ok = len(value) <= packet.MaxText
	case external.ReplyTo:
		p.ResponseTopic = value
		ok = isTopic(value)
	case external.ContentType:
		p.ContentType = value
	default:
		p.User = append(p.User, packet.Property{Key: name, Value: value})
		ok = ok && isText(name)
	}
	if !ok {
		return fmt.Errorf("the header %.64q has no value that can be sent with MQTT", key)
	}
	return nil
}

// isText reports whether a text can be one of MQTT.
func isText(s string) bool {
	return len(s) <= packet.MaxText && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// isTopic reports whether something can be published to a topic.
func isTopic(s string) bool { return s != "" && isText(s) && !strings.ContainsAny(s, "+#") }

// maxLength is how long a packet may be that MQTT can say the length of, in bytes.
const maxLength = 1<<28 - 1

// fits returns why a broker does not take a message, by what it has said of itself, nil if it may. What asks for more certainty than
// there is gets what there is, as long as that is at least once.
func (c *client) fits(p *packet.Publish) error {
	switch {
	case p.QoS > 0 && c.granted.MaximumQoS == 0:
		return errText("the broker takes no messages at least once: it does not support QoS 1")
	case p.Retain && !c.granted.Retain:
		return errText("the broker retains no messages")
	}
	p.QoS = min(p.QoS, c.granted.MaximumQoS)
	most := int(min(c.granted.MaximumPacketSize, maxLength))
	if (most < maxLength || len(p.Payload) > maxLength/2) && p.Size(c.version) > most {
		return errText("the message is larger than the broker takes")
	}
	return nil
}
