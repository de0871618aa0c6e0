package packet

import (
	"bytes"
	"encoding/binary"

	v5 "github.com/eclipse/paho.golang/packets"
	v3 "github.com/eclipse/paho.mqtt.golang/packets"
)

// Ack is a PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK.
type Ack struct {
	ID uint16
	// Code says how it went: below 128 well. It is always 0 with MQTT 3, and nothing for an UNSUBACK.
	Code byte
}

// AppendAck writes one that says that all is well. Both versions write that in the same way: MQTT 5 leaves out what says nothing.
func AppendAck(b []byte, t Type, id uint16) []byte {
	var flags byte
	if t == PUBREL {
		flags = 2
	}
	return binary.BigEndian.AppendUint16(append(b, byte(t)<<4|flags, 2), id)
}

// ParseAck reads a PUBACK, PUBREC, PUBREL or PUBCOMP, or as much of an UNSUBACK.
func ParseAck(body []byte) (Ack, error) {
	if len(body) < 2 {
		return Ack{}, ErrMalformed
	}
	a := Ack{ID: binary.BigEndian.Uint16(body)}
	if len(body) > 2 {
		a.Code = body[2]
	}
	return a, nil
}

// Subscribe asks for the messages whose topics match a filter.
type Subscribe struct {
	ID     uint16
	Filter string
	QoS    byte
	// SubscriptionID is what messages say that come because of it; 0 for nothing. For MQTT 5 only.
	SubscriptionID int
	// OnlyNew says that messages that are retained are not wanted if there is such a subscription already. For MQTT 5 only.
	OnlyNew bool
}

// AppendSubscribe writes a SUBSCRIBE.
func AppendSubscribe(b []byte, v Version, s *Subscribe) []byte {
	to := sink(b)
	if v == V3 {
		p := v3.NewControlPacket(v3.Subscribe).(*v3.SubscribePacket)
		p.MessageID, p.Topics, p.Qoss = s.ID, []string{s.Filter}, []byte{s.QoS}
		_ = p.Write(&to)
		return to
	}
	options := v5.SubOptions{Topic: s.Filter, QoS: s.QoS}
	if s.OnlyNew {
		options.RetainHandling = v5.RetainSendOnSubscribeIfNew
	}
	p := v5.Subscribe{PacketID: s.ID, Properties: &v5.Properties{}, Subscriptions: []v5.SubOptions{options}}
	if s.SubscriptionID != 0 {
		p.Properties.SubscriptionIdentifier = &s.SubscriptionID
	}
	_, _ = p.WriteTo(&to)
	return to
}

// AppendUnsubscribe writes an UNSUBSCRIBE.
func AppendUnsubscribe(b []byte, v Version, id uint16, filter string) []byte {
	to := sink(b)
	if v == V3 {
		p := v3.NewControlPacket(v3.Unsubscribe).(*v3.UnsubscribePacket)
		p.MessageID, p.Topics = id, []string{filter}
		_ = p.Write(&to)
		return to
	}
	p := v5.Unsubscribe{PacketID: id, Properties: &v5.Properties{}, Topics: []string{filter}}
	_, _ = p.WriteTo(&to)
	return to
}

// Suback is a broker's answer to SUBSCRIBE.
type Suback struct {
	ID uint16
	// Code is the QoS that is granted, or says why there is none: 128 and above.
	Code byte
}

// ParseSuback reads a SUBACK for one filter.
func ParseSuback(v Version, body []byte) (Suback, error) {
	if len(body) < 3 {
		return Suback{}, ErrMalformed
	}
	if v == V3 {
		return Suback{ID: binary.BigEndian.Uint16(body), Code: body[2]}, nil
	}
	p := v5.Suback{Properties: &v5.Properties{}}
	if err := p.Unpack(bytes.NewBuffer(body)); err != nil || len(p.Reasons) == 0 {
		return Suback{}, ErrMalformed
	}
	return Suback{ID: p.PacketID, Code: p.Reasons[0]}, nil
}

// AppendPing writes a PINGREQ.
func AppendPing(b []byte) []byte { return append(b, byte(PINGREQ)<<4, 0) }

// AppendDisconnect writes a DISCONNECT that says that all is well: the will is not published.
func AppendDisconnect(b []byte) []byte { return append(b, byte(DISCONNECT)<<4, 0) }

// ParseDisconnect reads why a broker disconnects.
func ParseDisconnect(body []byte) (code byte) {
	if len(body) > 0 {
		code = body[0]
	}
	return code
}
