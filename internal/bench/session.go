package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// session is a WebSocket client that costs next to nothing, so that what is measured is the endpoint. It masks with zeros, which
// changes nothing: what masks are for (RFC 6455 section 10.3) does not concern who chooses both ends.
type session struct{ *link }

// maxMessage is more than any message that is expected.
const maxMessage = 16 << 20

// Any key does, and the answer to it that RFC 6455 gives as its example.
const (
	key      = "dGhlIHNhbXBsZSBub25jZQ=="
	accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// refused is the answer to a handshake that is none.
type refused struct {
	status int
	said   string
}

func (r *refused) Error() string {
	return fmt.Sprintf("the handshake is answered %d: %s", r.status, r.said)
}

// session opens a session.
func (e *Endpoint) session(ctx context.Context, buffer int) (*session, error) {
	l, err := e.dial(ctx, buffer)
	if err != nil {
		return nil, err
	}
	if err := l.within(ctx, func() error { return e.shakeHands(l) }); err != nil {
		_ = l.Close() // it is of no use
		return nil, err
	}
	return &session{l}, nil
}

func (e *Endpoint) shakeHands(l *link) error {
	err := l.write(false, func(b []byte) []byte {
		return fmt.Appendf(b, "GET %s/ws/2 HTTP/1.1\r\nHost: %s\r\n%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n", e.base, e.host, e.header, key)
	})
	if err != nil {
		return err
	}
	h, err := l.readHead()
	switch {
	case err != nil:
		return fmt.Errorf("the handshake: %w", err)
	case h.status != 101:
		said, _ := l.body(h) // the status is what counts
		return &refused{h.status, fmt.Sprintf("%.300s", said)}
	case h.accept != accepted:
		return errors.New("the handshake is answered by something that knows no WebSocket")
	}
	return nil
}

// Opcodes of frames (RFC 6455 section 5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
	final          = 0x80
	masked         = 0x80
)

// send sends a text; with later it may be kept back until next has to wait.
func (s *session) send(text []byte, later bool) error {
	return s.write(later, func(b []byte) []byte { return appendFrame(b, opText, text) })
}

// appendFrame appends a frame with a mask of zeros.
func appendFrame(b []byte, op byte, payload []byte) []byte {
	b = append(b, final|op)
	switch n := len(payload); {
	case n < 126:
		b = append(b, masked|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, masked|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// next reads a message, which is valid until the next call. Pings are answered.
func (s *session) next() ([]byte, error) {
	var parts []byte
	for first := true; ; {
		op, last, n, err := s.frame()
		if err != nil {
			return nil, err
		}
		payload, err := s.take(n)
		if err != nil {
			return nil, err
		}
		switch op {
		case opText, opBinary, opContinuation:
			switch {
			case first != (op != opContinuation):
				return nil, errors.New("frames are out of order")
			case first && last:
				return payload, nil
			case len(parts)+n > maxMessage:
				return nil, errTooLong
			}
			if parts, first = append(parts, payload...), false; last {
				return parts, nil
			}
		case opPing:
			err = s.write(false, func(b []byte) []byte { return appendFrame(b, opPong, payload) })
		case opPong:
		case opClose:
			return nil, closed(payload)
		default:
			return nil, fmt.Errorf("a frame with the opcode %d", op)
		}
		if err != nil {
			return nil, err
		}
	}
}

var errTooLong = fmt.Errorf("a message of more than %d bytes", maxMessage)

// frame reads the head of a frame.
func (s *session) frame() (op byte, last bool, n int, err error) {
	b, err := s.take(2)
	if err != nil {
		return 0, false, 0, err
	}
	op, last, n = b[0]&0xF, b[0]&final != 0, int(b[1])
	if b[0]&0x70 != 0 || b[1]&masked != 0 {
		return 0, false, 0, errors.New("a frame that is masked, or extended by what nobody asked for")
	}
	switch n {
	case 126:
		if b, err = s.take(2); err == nil {
			n = int(binary.BigEndian.Uint16(b))
		}
	case 127:
		if b, err = s.take(8); err == nil {
			n = int(min(binary.BigEndian.Uint64(b), maxMessage+1))
		}
	}
	if err == nil && n > maxMessage {
		err = errTooLong
	}
	return op, last, n, err
}

// closed is the error of a session that the other side has closed.
func closed(payload []byte) error {
	if len(payload) < 2 {
		return errors.New("closed without a reason")
	}
	return fmt.Errorf("closed with %d: %.100s", binary.BigEndian.Uint16(payload), payload[2:])
}
