package gateway_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// mute returns the address of somebody who takes connections and says nothing.
func mute(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan net.Conn, 1000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			taken <- c
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
		close(taken)
		for c := range taken {
			_ = c.Close()
		}
	})
	return listener.Addr().String()
}

// withLinksTo adds a connection of each kind to an address, and something that goes out by it.
func withLinksTo(address string) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) {
		s.Connections, s.Subscriptions = nil, nil
		for kind, scheme := range map[snapshot.ConnectionType]string{
			snapshot.ConnectionMQTT: "tcp", snapshot.ConnectionKafka: "tcp", snapshot.ConnectionNATS: "nats",
			snapshot.ConnectionDittoWebSocket: "ws", snapshot.ConnectionHTTPPush: "http",
		} {
			name := strings.ToLower(string(kind))
			c := snapshot.Connection{
				Name: name, Type: kind, State: snapshot.ConnectionOpen, URI: scheme + "://" + address,
				Reconnect: snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Minute},
			}
			switch kind {
			case snapshot.ConnectionMQTT:
				c.MQTT = &snapshot.MQTT{Version: snapshot.MQTT5, ClientID: "c", KeepAlive: time.Minute}
			case snapshot.ConnectionKafka:
				c.Kafka = &snapshot.Kafka{GroupID: "g"}
			case snapshot.ConnectionNATS:
				c.NATS = &snapshot.NATS{Consumer: "n"}
			case snapshot.ConnectionHTTPPush:
				c.HTTPPush = &snapshot.HTTPPush{Parallelism: 1, Timeout: time.Minute}
			}
			target := snapshot.Target{Address: "POST:/x", Payload: snapshot.TargetDittoProtocol, Delivery: snapshot.AtLeastOnce}
			if kind == snapshot.ConnectionDittoWebSocket {
				target.Address = ""
			}
			s.Connections = append(s.Connections, c)
			s.Subscriptions = append(s.Subscriptions, snapshot.Subscription{
				Name: name, Connection: name, Direction: snapshot.Outbound, Signal: snapshot.SignalTwinEvents,
				AuthorizationSubjects: []string{"basic:" + gatewaytest.User}, Target: &target,
			})
		}
	}
}

// Somebody else's silence holds nothing up: neither the start, nor who works, nor the end.
func TestLinksToNobodyHoldNothingUp(t *testing.T) {
	const soon, budget = 20 * time.Second, 3 * time.Second
	began := time.Now()
	within := func(what string, limit time.Duration) {
		t.Helper()
		if took := time.Since(began); took > limit {
			t.Errorf("%s has taken %v", what, took)
		}
		began = time.Now()
	}
	g := start(t, withLinksTo(mute(t)), draining(0, budget))
	if a := get(t, g, "/readyz"); a.status != 200 {
		t.Errorf("/readyz says %d %s", a.status, a.body)
	}
	within("to start", soon)
	c := dial(t, g, gatewaytest.User)
	c.mustWork()
	within("to work", soon)
	g.Drain(context.Background(), true)
	within("to drain", budget+soon)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	within("to close", soon)
}
