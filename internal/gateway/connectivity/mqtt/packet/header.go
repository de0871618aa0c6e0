package packet

import (
	"errors"
	"io"
)

// Version is a version of the protocol, as it is written in CONNECT.
type Version byte

// The versions.
const (
	V3 Version = 4
	V5 Version = 5
)

// Type is what a packet is.
type Type byte

// The types of packets.
const (
	CONNECT Type = iota + 1
	CONNACK
	PUBLISH
	PUBACK
	PUBREC
	PUBREL
	PUBCOMP
	SUBSCRIBE
	SUBACK
	UNSUBSCRIBE
	UNSUBACK
	PINGREQ
	PINGRESP
	DISCONNECT
	AUTH
)

// MaxText is how long a text or a piece of binary data may be, in bytes.
const MaxText = 65535

// ErrMalformed is returned for bytes that are no packet.
var ErrMalformed = errors.New("malformed packet")

// Header is what each packet begins with.
type Header struct {
	Type Type
	// Flags are the four bits beside the type.
	Flags byte
	// Length is that of the rest of the packet, in bytes.
	Length int
}

// ReadHeader reads the header of the next packet.
//
// Errors: those of the reader, [ErrMalformed].
func ReadHeader(r io.ByteReader) (Header, error) {
	first, err := r.ReadByte()
	if err != nil {
		return Header{}, err
	}
	h := Header{Type: Type(first >> 4), Flags: first & 0x0f}
	h.Length, err = readVariable(r)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return h, err
}

// readVariable reads a number. Protocol rule: it has four bytes at most.
func readVariable(r io.ByteReader) (int, error) {
	n := 0
	for shift := 0; shift < 28; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n, nil
		}
	}
	return 0, ErrMalformed
}

// sink is bytes that packets are written to.
type sink []byte

// Write implements io.Writer. It always succeeds.
func (s *sink) Write(b []byte) (int, error) {
	*s = append(*s, b...)
	return len(b), nil
}
