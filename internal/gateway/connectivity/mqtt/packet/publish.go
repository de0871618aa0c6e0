package packet

import (
	"bytes"
	"encoding/binary"

	v5 "github.com/eclipse/paho.golang/packets"
	v3 "github.com/eclipse/paho.mqtt.golang/packets"
)

// Publish is a message.
type Publish struct {
	Topic   string
	Payload []byte
	// ID is the packet's, for what is acknowledged: with QoS 1 and 2.
	ID     uint16
	QoS    byte
	Retain bool
	// Dup says that it may have been sent before.
	Dup bool

	// Properties are empty with MQTT 3.
	Properties
}

// Properties are those of a message.
type Properties struct {
	// Expiry is after how long it is of no use, in seconds, if Expires.
	Expires bool
	Expiry  uint32
	// ContentType, ResponseTopic and Correlation are empty if there is none.
	ContentType, ResponseTopic string
	Correlation                []byte
	// User are the user's own.
	User []Property
	// Subscriptions are the identifiers of those by which the message came.
	Subscriptions []int
}

// Property is one of the user's: Key and Value. Keys may be there several times.
type Property = v5.User

// AppendPublish writes a PUBLISH. Texts are not longer than MaxText.
func AppendPublish(b []byte, v Version, p *Publish) []byte {
	to := sink(b)
	if v == V5 {
		_, _ = p.v5().WriteTo(&to)
	} else {
		_ = p.v3().Write(&to)
	}
	return to
}

// Size returns how many bytes a PUBLISH takes.
func (p *Publish) Size(v Version) int {
	without := *p
	without.Payload = nil
	// The length of the payload takes up to three more bytes of that of the packet.
	return len(AppendPublish(nil, v, &without)) + 3 + len(p.Payload)
}

func (p *Publish) v5() *v5.Publish {
	properties := &v5.Properties{
		ContentType: p.ContentType, ResponseTopic: p.ResponseTopic, CorrelationData: p.Correlation, User: p.User,
	}
	if p.Expires {
		properties.MessageExpiry = &p.Expiry
	}
	return &v5.Publish{
		Topic: p.Topic, Payload: p.Payload, PacketID: p.ID, QoS: p.QoS, Retain: p.Retain, Duplicate: p.Dup, Properties: properties,
	}
}

func (p *Publish) v3() *v3.PublishPacket {
	return &v3.PublishPacket{
		FixedHeader: v3.FixedHeader{MessageType: v3.Publish, Qos: p.QoS, Retain: p.Retain, Dup: p.Dup},
		TopicName:   p.Topic, MessageID: p.ID, Payload: p.Payload,
	}
}

// ParsePublish reads a PUBLISH.
func ParsePublish(v Version, flags byte, body []byte) (Publish, error) {
	p, err := ParseBeginning(flags, body)
	if err != nil {
		return p, err
	}
	if v == V5 {
		err = p.parse5(body)
	} else {
		err = p.parse3(body)
	}
	if err != nil {
		return p, ErrMalformed
	}
	return p, nil
}

func (p *Publish) parse5(body []byte) error {
	read := v5.Publish{QoS: p.QoS, Properties: &v5.Properties{}}
	if err := read.Unpack(bytes.NewBuffer(body)); err != nil {
		return err
	}
	p.Payload = read.Payload
	p.ContentType, p.ResponseTopic = read.Properties.ContentType, read.Properties.ResponseTopic
	p.Correlation, p.User = read.Properties.CorrelationData, read.Properties.User
	if expiry := read.Properties.MessageExpiry; expiry != nil {
		p.Expires, p.Expiry = true, *expiry
	}
	if id := read.Properties.SubscriptionIdentifier; id != nil {
		p.Subscriptions = subscriptions(body[p.beginning():], *id)
	}
	return nil
}

func (p *Publish) parse3(body []byte) error {
	read := v3.PublishPacket{FixedHeader: v3.FixedHeader{Qos: p.QoS, RemainingLength: len(body)}}
	if err := read.Unpack(bytes.NewBuffer(body)); err != nil {
		return err
	}
	p.Payload = read.Payload
	return nil
}

// beginning returns how long the topic and the identifier are.
func (p *Publish) beginning() int {
	n := 2 + len(p.Topic)
	if p.QoS > 0 {
		n += 2
	}
	return n
}

// MaxBeginning is how long the topic and the identifier of a PUBLISH are, at most.
const MaxBeginning = 2 + MaxText + 2

// ParseBeginning reads the topic and the identifier of a PUBLISH of which nothing else is wanted. MaxBeginning bytes of it are enough.
func ParseBeginning(flags byte, body []byte) (Publish, error) {
	p := Publish{QoS: flags >> 1 & 3, Retain: flags&1 != 0, Dup: flags&8 != 0}
	// Protocol rule: without aliases for topics, which are not offered, each message has a topic.
	if p.QoS > 2 || len(body) < 3 {
		return p, ErrMalformed
	}
	length := int(binary.BigEndian.Uint16(body))
	if length == 0 || len(body) < 2+length {
		return p, ErrMalformed
	}
	p.Topic = string(body[2 : 2+length])
	if p.QoS == 0 {
		return p, nil
	}
	if len(body) < p.beginning() {
		return p, ErrMalformed
	}
	p.ID = binary.BigEndian.Uint16(body[2+length:])
	if p.ID == 0 {
		return p, ErrMalformed
	}
	return p, nil
}
