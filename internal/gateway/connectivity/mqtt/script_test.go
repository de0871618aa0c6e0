package mqtt

import (
	"bufio"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// scripted is a broker that does what a test says, for what well-behaved brokers do not do.
type scripted struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// script runs a broker for the next connection, and returns its address.
func script(t *testing.T, run func(s *scripted)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(linktest.Enough))
		run(&scripted{t: t, conn: conn, in: bufio.NewReader(conn)})
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

// scriptedWorld is a gateway's connection to such a broker.
func scriptedWorld(t *testing.T, version snapshot.MQTTVersion, run func(s *scripted)) *world {
	t.Helper()
	return &world{kind: newKind(), inbox: make(inbox, 4096), connection: &snapshot.Connection{
		Name: "broker", Type: snapshot.ConnectionMQTT, URI: "tcp://" + script(t, run),
		MQTT: &snapshot.MQTT{Version: version, ClientID: "gateway", KeepAlive: time.Minute},
	}}
}

// write writes packets as they are.
func (s *scripted) write(b ...byte) { _, _ = s.conn.Write(b) }

// read returns the next packet; one without a type when there is none.
func (s *scripted) read() (packet.Header, []byte) {
	h, err := packet.ReadHeader(s.in)
	if err != nil {
		return packet.Header{}, nil
	}
	body := make([]byte, h.Length)
	if _, err := io.ReadFull(s.in, body); err != nil {
		return packet.Header{}, nil
	}
	return h, body
}

// await reads until a packet of a type has come, and returns its body; nil if none comes any more.
func (s *scripted) await(t packet.Type) []byte {
	for {
		h, body := s.read()
		if h.Type == t || body == nil {
			return body
		}
	}
}

// awaitAll reads until packets of some types have come, in whichever order, and returns their bodies; nil if one does not come.
func (s *scripted) awaitAll(types ...packet.Type) map[packet.Type][]byte {
	s.t.Helper()
	all := map[packet.Type][]byte{}
	for len(all) < len(types) {
		h, body := s.read()
		if body == nil {
			s.t.Errorf("of %v have come %v", types, all)
			return nil
		}
		if slices.Contains(types, h.Type) {
			all[h.Type] = body
		}
	}
	return all
}

// accept takes a client of a version. It grants what it subscribes to, which it must do once for each of so many filters.
func (s *scripted) accept(v snapshot.MQTTVersion, filters int, properties ...byte) {
	s.await(packet.CONNECT)
	if v == snapshot.MQTT3 {
		s.write(0x20, 2, 0, 0)
	} else {
		s.write(append([]byte{0x20, byte(3 + len(properties)), 0, 0, byte(len(properties))}, properties...)...)
	}
	for range filters {
		body := s.await(packet.SUBSCRIBE)
		if len(body) < 2 {
			return
		}
		if v == snapshot.MQTT3 {
			s.write(0x90, 3, body[0], body[1], 1)
		} else {
			s.write(0x90, 4, body[0], body[1], 0, 1)
		}
	}
}

// drain reads until the client has said goodbye, or has gone without.
func (s *scripted) drain() { s.await(packet.DISCONNECT) }
