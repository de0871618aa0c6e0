package mqtt

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// socket is a connection of which some may have been read ahead.
type socket struct {
	conn   net.Conn
	reader *bufio.Reader
}

// openSocket connects to the broker that a connection names, with TLS if its scheme says so.
func openSocket(ctx context.Context, config link.Config) (*socket, error) {
	broker, err := parse(config.Connection.URI)
	if err != nil {
		return nil, err
	}
	var secure *tls.Config
	if broker.secure {
		if secure, err = link.TLS(config.Current(), broker.host); err != nil {
			return nil, err
		}
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", broker.address)
	if err != nil {
		return nil, err
	}
	if secure != nil {
		if conn, err = handshake(ctx, conn, secure); err != nil {
			return nil, err
		}
	}
	return &socket{conn: conn, reader: bufio.NewReaderSize(conn, 32<<10)}, nil
}

func handshake(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, error) {
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

// broker is where a broker is.
type broker struct {
	address, host string
	secure        bool
}

// parse reads the URI of a connection.
func parse(uri string) (broker, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Hostname() == "" {
		return broker{}, &link.Refusal{Cause: errors.New("the URI names no broker")}
	}
	b := broker{host: u.Hostname()}
	port := "1883"
	switch u.Scheme {
	case "tcp", "mqtt":
	case "ssl", "mqtts":
		b.secure, port = true, "8883"
	default:
		return broker{}, &link.Refusal{Cause: fmt.Errorf("brokers are not spoken to by %s", u.Scheme)}
	}
	if u.Port() != "" {
		port = u.Port()
	}
	b.address = net.JoinHostPort(b.host, port)
	return b, nil
}

// maxConnack is how long the answer to CONNECT may be, in bytes.
const maxConnack = 64 << 10

// greet says who the client is and returns what the broker answers.
//
// Errors: *link.Refusal, that of ctx, those of the network.
func (s *socket) greet(ctx context.Context, v packet.Version, hello *packet.Connect) (packet.Connack, error) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Unix(1, 0)) })
	answer, err := s.ask(v, hello)
	if !stop() || ctx.Err() != nil {
		return packet.Connack{}, ctx.Err()
	}
	if err != nil {
		return packet.Connack{}, err
	}
	return answer, refused(v, answer.Code)
}

func (s *socket) ask(v packet.Version, hello *packet.Connect) (packet.Connack, error) {
	if _, err := s.conn.Write(packet.AppendConnect(nil, v, hello)); err != nil {
		return packet.Connack{}, err
	}
	header, err := packet.ReadHeader(s.reader)
	if errors.Is(err, io.EOF) {
		return packet.Connack{}, errors.New("the broker has closed the connection without an answer")
	}
	if err != nil {
		return packet.Connack{}, err
	}
	if header.Type != packet.CONNACK || header.Length > maxConnack {
		return packet.Connack{}, &link.Refusal{Cause: errors.New("the other end is no MQTT broker: it does not answer like one")}
	}
	body := make([]byte, header.Length)
	if _, err := io.ReadFull(s.reader, body); err != nil {
		return packet.Connack{}, err
	}
	return packet.ParseConnack(v, body)
}
