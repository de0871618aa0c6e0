package bench

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// answering answers a WebSocket message that has come in, which is valid until it returns.
type answering func(l *link, text []byte) error

// atOnce sends back a message: what is left of a server that does nothing. What comes together is sent back together.
func atOnce(l *link, text []byte) error {
	return l.write(true, func(b []byte) []byte { return appendServerFrame(b, text) })
}

// startEcho starts a program that sends back every WebSocket message that it receives.
func startEcho(answer answering) (e *Endpoint, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it takes no time
	if err != nil {
		return nil, nil, err
	}
	var conversations sync.WaitGroup
	conversations.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conversations.Go(func() {
				defer conn.Close()         //nolint:errcheck // nothing is lost by it
				_ = sendBack(conn, answer) // until the other side has enough
			})
		}
	})
	e, err = NewEndpoint("http://"+listener.Addr().String(), Credentials{User: "echo"}, nil)
	return e, func() {
		_ = listener.Close() // nothing is lost by it
		conversations.Wait()
	}, err
}

// sendBack does the handshake, and has messages answered.
func sendBack(conn net.Conn, answer answering) error {
	l := newLink(conn, busy)
	if _, err := http.ReadRequest(l.in); err != nil {
		return err
	}
	err := l.write(false, func(b []byte) []byte {
		return fmt.Appendf(b, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accepted)
	})
	for err == nil {
		err = l.answerOne(answer)
	}
	return err
}

// answerOne has a message answered. The client is known to mask with zeros, and to send what is shorter than 64 KiB in one frame.
func (l *link) answerOne(answer answering) error {
	head, err := l.take(2)
	if err != nil {
		return err
	}
	n := int(head[1] &^ masked)
	switch {
	case head[0] != final|opText || n > 126:
		return errors.New("none of the messages that were expected")
	case n == 126:
		if head, err = l.take(2); err != nil {
			return err
		}
		n = int(head[0])<<8 | int(head[1])
	}
	if _, err := l.in.Discard(len("mask")); err != nil {
		return err
	}
	text, err := l.take(n)
	if err != nil {
		return err
	}
	return answer(l, text)
}

// appendServerFrame appends a frame without a mask.
func appendServerFrame(b, payload []byte) []byte {
	b = append(b, final|opText)
	if n := len(payload); n < 126 {
		b = append(b, byte(n))
	} else {
		b = append(b, 126, byte(n>>8), byte(n))
	}
	return append(b, payload...)
}
