package connections_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/twinway/twinway/test/process"
)

// carrier is a broker at the other end of a Connection, with a network between them.
type carrier interface {
	// options are the lines of the spec of a Connection that say where it is.
	options() string
	// address is that of what devices say.
	address() string
	// publish says something about a thing, and returns when the broker has it for good.
	publish(thing, payload string)
	// target is the address that events go to, and received what has come there.
	target() string
	received() []string
	// self are the lines of an enforcement that lets devices speak for themselves alone.
	self() string
	// ordered says whether what was not acknowledged comes again before what follows it.
	ordered() bool
	// sever cuts the network, and mend makes it whole again.
	sever()
	mend()
	// stop ends the broker, and start runs it again with what it has kept.
	stop()
	start()
}

// carriers are the brokers that keep what was not acknowledged.
var carriers = map[string]func(testing.TB) carrier{
	"MQTT":  func(t testing.TB) carrier { return newMosquitto(t) },
	"Kafka": func(t testing.TB) carrier { return newKafka(t) },
	"NATS":  func(t testing.TB) carrier { return newNATS(t) },
}

// devicesAt is a Connection "devices" to a carrier with a source "up" with further lines, which takes commands at least once.
func devicesAt(c carrier, lines string) string {
	return fmt.Sprintf(`
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: devices}
spec:
  gatewayRef: {name: demo}
%s
  reconnect: {initialDelay: 100ms, maxDelay: 1s}
  sources:
  - name: up
    addresses: [%q]
    authorizationSubjects: ["integration:devices"]
    delivery: AtLeastOnce
%s`, c.options(), c.address(), lines)
}

// free returns an address that nobody listens at.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// mosquitto is an MQTT broker in a process of its own, which keeps sessions while it is stopped.
type mosquitto struct {
	*cable
	t       testing.TB
	at      string // where devices connect
	program string
	config  string
	running *process.Process
	output  process.Tail

	mu      sync.Mutex
	devices map[string]mqtt.Client
	got     []string
	once    sync.Once
}

// newMosquitto runs mosquitto with further lines of configuration, until the test ends.
func newMosquitto(t testing.TB, lines ...string) *mosquitto {
	t.Helper()
	m := &mosquitto{t: t, at: free(t), devices: map[string]mqtt.Client{}}
	for _, path := range []string{"mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"} {
		if found, err := exec.LookPath(path); err == nil {
			m.program = found
		}
	}
	if m.program == "" {
		t.Skip("NOT TESTED with mosquitto, which is not installed")
	}
	_, port, _ := net.SplitHostPort(m.at)
	dir := t.TempDir()
	if !strings.Contains(strings.Join(lines, "\n"), "allow_anonymous") {
		lines = append(lines, "allow_anonymous true")
	}
	if os.Getuid() == 0 {
		lines = append(lines, "user root")
	}
	lines = append(lines, "listener "+port+" 127.0.0.1", "max_queued_messages 0", "persistence true", "persistence_location "+dir+"/")
	m.config = filepath.Join(dir, "mosquitto.conf")
	if err := os.WriteFile(m.config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.stop)
	m.start()
	m.cable = lay(t, func() string { return m.at })
	return m
}

func (m *mosquitto) options() string {
	return "  type: MQTT\n  uri: mqtt://" + m.cable.Address + "\n  mqtt: {version: V5, clientID: gateway, sessionExpiry: 1h}"
}

func (*mosquitto) self() string {
	return `{input: "{{ source:address }}", filters: ["devices/{{ thing:name }}/up"]}`
}

func (*mosquitto) target() string { return "events/{{ thing:name }}" }

// received subscribes when it is first called, by a client that comes back.
func (m *mosquitto) received() []string {
	m.once.Do(m.subscribe)
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.got...)
}

func (m *mosquitto) subscribe() {
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + m.at).SetClientID("collector").SetCleanSession(false).
		SetMaxReconnectInterval(50 * time.Millisecond).SetDefaultPublishHandler(func(_ mqtt.Client, p mqtt.Message) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.got = append(m.got, string(p.Payload()))
	}))
	if token := client.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		m.t.Fatal(token.Error())
	}
	if token := client.Subscribe("events/#", 1, nil); !token.WaitTimeout(patience) || token.Error() != nil {
		m.t.Fatal(token.Error())
	}
	m.t.Cleanup(func() { client.Disconnect(0) })
}

func (*mosquitto) ordered() bool { return true }

func (*mosquitto) address() string { return "devices/+/up" }

func (m *mosquitto) start() {
	var err error
	m.running, err = process.Start(process.Command{Path: m.program, Args: []string{"-c", m.config}, Output: &m.output})
	if err != nil {
		m.t.Fatal(err)
	}
	eventually(m.t, "mosquitto listens", func() bool {
		conn, err := (&net.Dialer{}).Dial("tcp", m.at)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}

func (m *mosquitto) stop() {
	if m.running != nil {
		m.running.Stop(10 * time.Second)
	}
}

// publish publishes with quality of service 1 by a client that each thing has of its own, again until there is an acknowledgement.
func (m *mosquitto) publish(thing, payload string) {
	m.t.Helper()
	client := m.device(thing)
	for guard := time.Now().Add(patience); time.Now().Before(guard); time.Sleep(10 * time.Millisecond) {
		if !client.IsConnectionOpen() {
			if token := client.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
				continue
			}
		}
		token := client.Publish("devices/"+thing+"/up", 1, false, payload)
		select {
		case <-token.Done():
		case <-time.After(2 * time.Second):
			continue
		}
		if token.Error() == nil {
			return
		}
	}
	m.t.Errorf("the broker does not take what %s publishes", thing)
}

func (m *mosquitto) device(thing string) mqtt.Client {
	m.mu.Lock()
	defer m.mu.Unlock()
	if client := m.devices[thing]; client != nil {
		return client
	}
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + m.at).SetClientID(thing).SetAutoReconnect(false).
		SetConnectTimeout(patience).SetKeepAlive(30 * time.Second))
	m.t.Cleanup(func() { client.Disconnect(0) })
	m.devices[thing] = client
	return client
}
