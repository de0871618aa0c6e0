package packet

import (
	"bytes"

	v5 "github.com/eclipse/paho.golang/packets"
	v3 "github.com/eclipse/paho.mqtt.golang/packets"
)

// Connect asks a broker to take a client.
type Connect struct {
	ClientID string
	// Username and Password are sent unless they are empty.
	Username, Password string
	// KeepAlive is how long the broker may hear nothing, in seconds; 0 for ever.
	KeepAlive uint16
	// CleanStart forgets the session that there was.
	CleanStart bool
	// Will is what is published when the client is lost; nil for nothing.
	Will *Will

	// SessionExpiry is how long the session lasts without a connection, in seconds, ReceiveMaximum how many messages may be
	// unacknowledged, and MaximumPacketSize how long packets may be that the broker sends, in bytes. For MQTT 5 only.
	SessionExpiry     uint32
	ReceiveMaximum    uint16
	MaximumPacketSize uint32
}

// Will is what a broker publishes when it loses a client.
type Will struct {
	Topic   string
	Payload []byte
	QoS     byte
	Retain  bool
}

// AppendConnect writes a CONNECT.
func AppendConnect(b []byte, v Version, c *Connect) []byte {
	to := sink(b)
	if v == V5 {
		_, _ = c.v5().WriteTo(&to)
	} else {
		_ = c.v3().Write(&to)
	}
	return to
}

func (c *Connect) v5() *v5.Connect {
	p := &v5.Connect{
		ProtocolName: "MQTT", ProtocolVersion: byte(V5), ClientID: c.ClientID, KeepAlive: c.KeepAlive, CleanStart: c.CleanStart,
		UsernameFlag: c.Username != "", Username: c.Username, PasswordFlag: c.Password != "", Password: []byte(c.Password),
		Properties: &v5.Properties{
			SessionExpiryInterval: &c.SessionExpiry, ReceiveMaximum: &c.ReceiveMaximum, MaximumPacketSize: &c.MaximumPacketSize,
		},
	}
	if w := c.Will; w != nil {
		p.WillFlag, p.WillTopic, p.WillMessage, p.WillQOS, p.WillRetain = true, w.Topic, w.Payload, w.QoS, w.Retain
	}
	return p
}

func (c *Connect) v3() *v3.ConnectPacket {
	p := v3.NewControlPacket(v3.Connect).(*v3.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.ClientIdentifier = "MQTT", byte(V3), c.ClientID
	p.Keepalive, p.CleanSession = c.KeepAlive, c.CleanStart
	p.UsernameFlag, p.Username = c.Username != "", c.Username
	p.PasswordFlag, p.Password = c.Password != "", []byte(c.Password)
	if w := c.Will; w != nil {
		p.WillFlag, p.WillTopic, p.WillMessage, p.WillQos, p.WillRetain = true, w.Topic, w.Payload, w.QoS, w.Retain
	}
	return p
}

// Connack is a broker's answer to CONNECT, and what it can do.
type Connack struct {
	SessionPresent bool
	// Code is 0 if the client was taken; else it says why not, in the words of its version.
	Code byte

	// What follows is what there is without a word of the broker, unless it says otherwise: everything.

	// ReceiveMaximum is how many messages may be unacknowledged, and MaximumPacketSize how long packets may be, in bytes.
	ReceiveMaximum    uint16
	MaximumPacketSize uint32
	MaximumQoS        byte
	// KeepAlive replaces that of the client unless it is negative, in seconds.
	KeepAlive int
	// Retain says that messages may be retained, and SubscriptionIDs that subscriptions may have identifiers.
	Retain          bool
	SubscriptionIDs bool
}

// ParseConnack reads a CONNACK. One of another version, with which a broker refuses this one, is read as far as both have it.
func ParseConnack(v Version, body []byte) (Connack, error) {
	if len(body) < 2 {
		return Connack{}, ErrMalformed
	}
	c := Connack{
		SessionPresent: body[0]&1 != 0, Code: body[1],
		ReceiveMaximum: 65535, MaximumPacketSize: 1<<32 - 1, MaximumQoS: 2, KeepAlive: -1, Retain: true, SubscriptionIDs: v == V5,
	}
	if v != V5 || len(body) == 2 {
		return c, nil
	}
	p := v5.Connack{Properties: &v5.Properties{}}
	if err := p.Unpack(bytes.NewBuffer(body)); err != nil {
		return Connack{}, ErrMalformed
	}
	return c, c.limit(p.Properties)
}

// limit takes what the broker says that it can do.
func (c *Connack) limit(p *v5.Properties) error {
	set(&c.ReceiveMaximum, p.ReceiveMaximum)
	set(&c.MaximumPacketSize, p.MaximumPacketSize)
	set(&c.MaximumQoS, p.MaximumQOS)
	if p.ServerKeepAlive != nil {
		c.KeepAlive = int(*p.ServerKeepAlive)
	}
	c.Retain = p.RetainAvailable == nil || *p.RetainAvailable != 0
	c.SubscriptionIDs = p.SubIDAvailable == nil || *p.SubIDAvailable != 0
	// Protocol rule: there is room for one at least.
	if c.ReceiveMaximum == 0 || c.MaximumPacketSize == 0 {
		return ErrMalformed
	}
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
