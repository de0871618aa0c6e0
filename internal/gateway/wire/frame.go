package wire

import "encoding/binary"

// Opcodes of RFC 6455, section 5.2, in the first byte of an unfragmented frame.
const (
	finText  = 0x81
	finClose = 0x88
	finPing  = 0x89
	finPong  = 0x8a
)

// Values of the second byte that say how long the length is which follows.
const (
	length16 = 126
	length64 = 127
)

// masked is set in the second byte of a client's frame; what it is masked with
// follows the length.
const (
	masked   = 0x80
	maskSize = 4
)

// maxHeader is the length of the longest header of a server's frame, which is
// not masked: two bytes and a 64 bit length.
const maxHeader = 10

// maxReason bounds the reason of a close frame: a control frame carries 125
// bytes of which the code takes two (section 5.5).
const maxReason = 123

// appendHeader appends the header of a frame with n bytes of payload.
func appendHeader(dst []byte, first byte, n int) []byte {
	switch {
	case n < length16:
		return append(dst, first, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, first, length16), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, length64), uint64(n))
	}
}

// AppendText appends a text frame whose payload is what body appends.
func AppendText(dst []byte, body func([]byte) []byte) []byte {
	return closeGap(body(openGap(dst)), len(dst))
}

// openGap leaves room for the header of a frame whose payload is to follow.
func openGap(dst []byte) []byte {
	var room [maxHeader]byte
	return append(dst, room[:]...)
}

// closeGap puts the header of a text frame in front of the payload that begins
// maxHeader bytes after start, and moves the payload up to it.
func closeGap(dst []byte, start int) []byte {
	payload := dst[start+maxHeader:]
	header := appendHeader(dst[start:start], finText, len(payload))
	n := copy(dst[start+len(header):], payload)
	return dst[:start+len(header)+n]
}

// closeFrame returns a close frame. A reason that is too long is cut.
func closeFrame(code int, reason string) []byte {
	if len(reason) > maxReason {
		reason = reason[:maxReason]
	}
	f := appendHeader(nil, finClose, 2+len(reason))
	f = binary.BigEndian.AppendUint16(f, uint16(code))
	return append(f, reason...)
}

// pongSize returns the size of the whole pong frame of a client that data begins
// with (RFC 6455 sections 5.2 and 5.5.3), 0 if it does not.
func pongSize(data []byte) int {
	if len(data) < 2 || data[0] != finPong || data[1] < masked || data[1]-masked >= length16 {
		return 0
	}
	if n := 2 + maskSize + int(data[1]-masked); n <= len(data) {
		return n
	}
	return 0
}
