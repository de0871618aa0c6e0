package mqtt

import (
	"context"
	"crypto/rand"
	"net"
	"slices"
	"testing"
	"time"

	v5 "github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// everywhere runs a test with all brokers and versions.
func everywhere(t *testing.T, s setup, run func(t *testing.T, w *world)) {
	for name := range brokers {
		for _, version := range []snapshot.MQTTVersion{snapshot.MQTT3, snapshot.MQTT5} {
			t.Run(name+"/"+string(version), func(t *testing.T) { run(t, newWorld(t, name, version, s)) })
		}
	}
}

// world is a broker, the network before it, and a gateway's connection to that.
type world struct {
	broker  *testBroker
	network *linktest.Cable
	kind    *kind
	inbox   inbox
	// connection is what dial opens.
	connection *snapshot.Connection
}

func newWorld(t testing.TB, name string, version snapshot.MQTTVersion, s setup) *world {
	t.Helper()
	w := &world{broker: startBroker(t, name, s), kind: newKind(), inbox: make(inbox, 4096)}
	w.network = linktest.NewCable(t, w.broker.address)
	w.connection = &snapshot.Connection{
		Name: "broker", Type: snapshot.ConnectionMQTT, URI: "tcp://" + w.network.Address,
		MQTT: &snapshot.MQTT{Version: version, ClientID: "gateway", KeepAlive: time.Minute},
	}
	if version == snapshot.MQTT5 {
		w.connection.MQTT.SessionExpiry = time.Hour
	}
	return w
}

// source adds a source.
func (w *world) source(name string, qos int, d snapshot.DeliveryGuarantee, addresses ...string) {
	w.connection.Sources = append(w.connection.Sources,
		snapshot.Source{Name: name, Addresses: addresses, QoS: &qos, Delivery: d})
}

// dial opens the connection.
func (w *world) dial(t testing.TB) link.Client {
	t.Helper()
	return linktest.Dial(t, w.kind, w.config())
}

// attempt opens the connection, or returns why it cannot.
func (w *world) attempt(t testing.TB) (link.Client, error) {
	t.Helper()
	return linktest.Try(t, w.kind, w.config())
}

func (w *world) config() link.Config { return linktest.Config(w.connection, w.inbox) }

// cut cuts the network, and returns when the client has noticed.
func (w *world) cut(t testing.TB, c link.Client) {
	t.Helper()
	w.network.Cut()
	linktest.AwaitLost(t, c)
}

// inbox keeps what was consumed.
type inbox chan link.Consumed

func (in inbox) Consume(ctx context.Context, c link.Consumed) error {
	select {
	case in <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next returns what was consumed next.
func (in inbox) next(t testing.TB) link.Consumed {
	t.Helper()
	select {
	case c := <-in:
		return c
	case <-time.After(linktest.Enough):
		t.Fatal("nothing was consumed")
		return link.Consumed{}
	}
}

// expect takes messages with those payloads, in that order.
func (in inbox) expect(t testing.TB, payloads ...string) []link.Consumed {
	t.Helper()
	var all []link.Consumed
	for _, want := range payloads {
		got := in.next(t)
		if string(got.Message.Payload) != want {
			t.Fatalf("consumed %q, want %q", got.Message.Payload, want)
		}
		all = append(all, got)
	}
	return all
}

// resume takes messages with those payloads, in the order in which they come: brokers do not all keep it when they deliver again.
func (in inbox) resume(t testing.TB, payloads ...string) []link.Consumed {
	t.Helper()
	all := make([]link.Consumed, len(payloads))
	for range payloads {
		got := in.next(t)
		i := slices.Index(payloads, string(got.Message.Payload))
		if i < 0 || all[i].Message.Payload != nil {
			t.Fatalf("consumed %q, want %q", got.Message.Payload, payloads)
		}
		all[i] = got
	}
	return all
}

// device is a client of another make.
type device struct {
	client *paho.Client
	got    chan *paho.Publish
}

// newDevice connects a device, which has subscribed to filters.
func newDevice(t testing.TB, b *testBroker, filters ...string) *device {
	t.Helper()
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{got: make(chan *paho.Publish, 8192)}
	d.client = paho.NewClient(paho.ClientConfig{
		Conn: v5.NewThreadSafeConn(conn), PacketTimeout: linktest.Enough,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
			d.got <- p.Packet
			return true, nil
		}},
	})
	connect := &paho.Connect{ClientID: "device-" + rand.Text(), CleanStart: true, KeepAlive: 60}
	if b.setup.password != "" {
		connect.UsernameFlag, connect.Username, connect.PasswordFlag, connect.Password = true, "gateway", true, []byte(b.setup.password)
	}
	if _, err := d.client.Connect(t.Context(), connect); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.client.Disconnect(&paho.Disconnect{}) })
	for _, filter := range filters {
		_, err := d.client.Subscribe(t.Context(), &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: 2}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// send publishes.
func (d *device) send(t testing.TB, p *paho.Publish) {
	t.Helper()
	if _, err := d.client.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// say publishes a text.
func (d *device) say(t testing.TB, qos byte, topic string, payloads ...string) {
	t.Helper()
	for _, payload := range payloads {
		d.send(t, &paho.Publish{Topic: topic, QoS: qos, Payload: []byte(payload)})
	}
}

// leave publishes texts for a gateway that is away, and returns when the broker has stored them: there are brokers that acknowledge
// before they do.
func (d *device) leave(t testing.TB, topic string, payloads ...string) {
	t.Helper()
	d.say(t, 1, topic, payloads...)
	own := "sync/" + d.client.ClientID()
	if _, err := d.client.Subscribe(t.Context(), &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: own, QoS: 1}}}); err != nil {
		t.Fatal(err)
	}
	d.say(t, 1, own, "sync")
	if got := d.next(t); got.Topic != own {
		t.Fatalf("received %s", got.Topic)
	}
}

func (d *device) next(t testing.TB) *paho.Publish {
	t.Helper()
	select {
	case p := <-d.got:
		return p
	case <-time.After(linktest.Enough):
		t.Fatal("the device has received nothing")
		return nil
	}
}
