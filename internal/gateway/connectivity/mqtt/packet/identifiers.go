package packet

import (
	"bytes"
	"encoding/binary"

	v5 "github.com/eclipse/paho.golang/packets"
)

// subscriptions returns the identifiers of subscriptions among the properties that b begins with, of which the library has read without
// complaint, and kept only the last.
func subscriptions(b []byte, last int) []int {
	r := bytes.NewBuffer(b)
	length, err := readVariable(r)
	if err != nil {
		return []int{last}
	}
	var all []int
	for r = bytes.NewBuffer(r.Next(length)); r.Len() > 0; {
		if id, _ := r.ReadByte(); id != v5.PropSubscriptionIdentifier {
			skip(r, id)
			continue
		}
		if n, err := readVariable(r); err == nil {
			all = append(all, n)
		}
	}
	return all
}

// skip passes over the value of a property of a message.
func skip(r *bytes.Buffer, id byte) {
	switch id {
	case v5.PropPayloadFormat:
		r.Next(1)
	case v5.PropMessageExpiry:
		r.Next(4)
	case v5.PropTopicAlias:
		r.Next(2)
	case v5.PropUser:
		skipText(r)
		skipText(r)
	default: // content type, response topic, correlation data
		skipText(r)
	}
}

func skipText(r *bytes.Buffer) {
	if length := r.Next(2); len(length) == 2 {
		r.Next(int(binary.BigEndian.Uint16(length)))
	}
}
