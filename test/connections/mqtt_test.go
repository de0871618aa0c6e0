package connections_test

import (
	"log/slog"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"

	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/mqtttest"
)

// mqttBroker is an MQTT broker that takes everybody.
type mqttBroker struct {
	address string
	server  *mochi.Server
}

// startMQTT runs a broker until the test ends.
func startMQTT(t testing.TB) *mqttBroker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &mqttBroker{address: l.Addr().String(), server: mochi.New(&mochi.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})}
	for _, hook := range []mochi.Hook{new(auth.AllowHook), new(mqtttest.Unpaced)} {
		if err := b.server.AddHook(hook, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.server.AddListener(mqtttest.Listener(b.server, listeners.NewNet("tcp", l))); err != nil {
		t.Fatal(err)
	}
	go func() { _ = b.server.Serve() }()
	t.Cleanup(func() { _ = b.server.Close() })
	return b
}

// device is an MQTT client that notes what it is sent, by topic.
type device struct {
	t      testing.TB
	client mqtt.Client

	mu  sync.Mutex
	got map[string][]string
}

// device connects a client that subscribes to topics.
func (b *mqttBroker) device(t testing.TB, id string, topics ...string) *device {
	t.Helper()
	d := &device{t: t, got: map[string][]string{}}
	d.client = mqtt.NewClient(&mqtt.ClientOptions{
		Servers: []*url.URL{{Scheme: "tcp", Host: b.address}}, ClientID: id, CleanSession: true, ProtocolVersion: 4, Order: true,
		ConnectTimeout: patience, PingTimeout: 10 * time.Second, KeepAlive: 30, WriteTimeout: patience, MaxReconnectInterval: time.Second,
	})
	d.done(d.client.Connect())
	for _, topic := range topics {
		d.done(d.client.Subscribe(topic, 1, func(_ mqtt.Client, m mqtt.Message) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.got[m.Topic()] = append(d.got[m.Topic()], string(m.Payload()))
		}))
	}
	t.Cleanup(func() { d.client.Disconnect(100) })
	return d
}

func (d *device) done(token mqtt.Token) {
	d.t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		d.t.Fatalf("the broker does not do it: %v", token.Error())
	}
}

// publish publishes with quality of service 1, and returns when the broker has it.
func (d *device) publish(topic, payload string) {
	d.t.Helper()
	d.done(d.client.Publish(topic, 1, false, payload))
}

// received returns what has come by a topic.
func (d *device) received(topic string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.got[topic]...)
}
