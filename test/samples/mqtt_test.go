package samples

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/mqtttest"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/plugin"
	"github.com/twinway/twinway/test/gatewaytest"
)

// patience guards against hanging, and measures nothing.
const patience = 30 * time.Second

// A device that speaks MQTT, its twin, and an application at a WebSocket, as the README has them.
func TestAnMQTTDeviceAndAnApplication(t *testing.T) {
	readme := readmeSection(t, "Connect things")
	broker := runBroker(t)
	snap := gatewaytest.Snapshot(t, "../../config/samples/mqtt")
	snap.Connections[0].URI = "mqtt://" + broker.address
	g := gatewaytest.Start(t, snap)
	awaitOpen(t, g)
	t.Cleanup(func() { tellEvents(t, g, "devices") })
	application := dial(t, g)
	application.send("START-SEND-EVENTS")
	application.awaits("START-SEND-EVENTS:ACK")

	broker.listen("devices/org.example:lamp-3/#")
	published := quoted(t, readme, `-t devices/org.example:lamp-3/up -m`)
	broker.publish("devices/org.example:lamp-3/up", published[0])
	application.awaits(`"topic":"org.example/lamp-3/things/twin/events/created"`)
	application.awaits(`"topic":"org.example/lamp-3/things/twin/events/`, `"path":"/features/lamp"`, `{"properties":{"on":true}}`)
	broker.awaits("devices/org.example:lamp-3/replies", `"status":201`)

	application.send(sent(t, readme, "things/live/messages/blink"))
	down := broker.awaits("devices/org.example:lamp-3/down", `"path":"/inbox/messages/blink"`, `{"times":3}`, `"correlation-id":"1"`)
	if !json.Valid([]byte(down)) {
		t.Errorf("no envelope: %s", down)
	}
	broker.publish("devices/org.example:lamp-3/up", published[1])
	application.awaits(`"path":"/outbox/messages/blink"`, `"value":"blinked"`, `"status":200`)

	t.Run("a device speaks only for itself", func(t *testing.T) {
		broker.listen("devices/org.example:lamp-2/#")
		broker.publish("devices/org.example:lamp-2/up", published[0])
		broker.awaits("devices/org.example:lamp-2/replies", "connectivity:connection.id.enforcement.failed")
	})
}

// readmeSection returns the section of the README with the title.
func readmeSection(t *testing.T, title string) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## "+title+"\n")
	if !found {
		t.Fatalf("the README has no section %q", title)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// quoted returns what stands in quotes behind a text, each time.
func quoted(t *testing.T, text, before string) []string {
	t.Helper()
	var all []string
	for _, match := range regexp.MustCompile(regexp.QuoteMeta(before)+` '([^']+)'`).FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	if len(all) != 2 {
		t.Fatalf("%q is there %d times", before, len(all))
	}
	return all
}

// sent returns the line that an application sends and that has a text in it.
func sent(t *testing.T, section, what string) string {
	t.Helper()
	for line := range strings.Lines(section) {
		if text, is := strings.CutPrefix(line, "> "); is && strings.Contains(text, what) {
			return strings.TrimSpace(text)
		}
	}
	t.Fatalf("nothing with %s is sent", what)
	return ""
}

// awaitOpen waits until all Connections are open.
func awaitOpen(t *testing.T, g *gateway.Gateway) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		response, err := http.Get("http://" + g.AdminAddress() + "/connections")
		if err != nil {
			t.Fatal(err)
		}
		var all []struct{ State management.LinkState }
		err = json.NewDecoder(response.Body).Decode(&all)
		_ = response.Body.Close()
		if err == nil && len(all) == 1 && all[0].State == management.LinkOpen {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("connections %v, error %v", all, err)
		}
	}
}

// tellEvents logs what has happened on a Connection.
func tellEvents(t *testing.T, g *gateway.Gateway, name string) {
	response, err := http.Get("http://" + g.AdminAddress() + "/connections/" + name + "/events")
	if err != nil {
		return
	}
	defer response.Body.Close()
	events, err := plugin.ReadEvents(response.Body)
	if err == nil {
		_ = plugin.PrintEvents(t.Output(), events)
	}
}

// session is that of an application.
type session struct {
	*testing.T
	conn *websocket.Conn
	ctx  context.Context
}

func dial(t *testing.T, g *gateway.Gateway) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, "ws://"+g.Address()+"/ws/2", &websocket.DialOptions{HTTPHeader: http.Header{
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("ditto:"+gatewaytest.Password))},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &session{t, conn, ctx}
}

func (s *session) send(text string) {
	s.Helper()
	if err := s.conn.Write(s.ctx, websocket.MessageText, []byte(text)); err != nil {
		s.Fatal(err)
	}
}

// awaits waits for a message that has all texts in it.
func (s *session) awaits(texts ...string) {
	s.Helper()
	for {
		_, got, err := s.conn.Read(s.ctx)
		if err != nil {
			s.Fatalf("%v while waiting for %q", err, texts)
		}
		if hasAll(string(got), texts) {
			return
		}
		s.Logf("meanwhile %s", got)
	}
}

func hasAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// broker is an MQTT broker in this process, which plays the devices, too.
type broker struct {
	*testing.T
	server  *mochi.Server
	address string
	got     chan packets.Packet
	next    int
}

func runBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{
		T: t, got: make(chan packets.Packet, 100),
		server: mochi.New(&mochi.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)}),
	}
	for _, hook := range []mochi.Hook{new(auth.AllowHook), new(mqtttest.Unpaced)} {
		if err := b.server.AddHook(hook, nil); err != nil {
			t.Fatal(err)
		}
	}
	listener := listeners.NewTCP(listeners.Config{ID: "tests", Address: "127.0.0.1:0"})
	if err := b.server.AddListener(mqtttest.Listener(b.server, listener)); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.server.Close() })
	b.address = listener.Address()
	return b
}

func (b *broker) listen(filter string) {
	b.Helper()
	b.next++
	if err := b.server.Subscribe(filter, b.next, func(_ *mochi.Client, _ packets.Subscription, p packets.Packet) {
		p.Payload = bytes.Clone(p.Payload)
		b.got <- p
	}); err != nil {
		b.Fatal(err)
	}
}

func (b *broker) publish(topic, payload string) {
	b.Helper()
	if err := b.server.Publish(topic, []byte(payload), false, 1); err != nil {
		b.Fatal(err)
	}
}

// awaits waits for a message at a topic that has all texts in it, and returns it.
func (b *broker) awaits(topic string, texts ...string) string {
	b.Helper()
	timeout := time.After(patience)
	for {
		select {
		case p := <-b.got:
			if p.TopicName == topic && hasAll(string(p.Payload), texts) {
				return string(p.Payload)
			}
			b.Logf("meanwhile at %s %s", p.TopicName, p.Payload)
		case <-timeout:
			b.Fatalf("nothing at %s with %q", topic, texts)
		}
	}
}
