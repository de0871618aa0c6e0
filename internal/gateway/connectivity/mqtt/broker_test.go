package mqtt

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/mqtttest"
)

// setup is what a broker of a test is to be like.
type setup struct {
	// password is that of the user "gateway", who is the only one then; empty for anybody.
	password string
	// forbidden is a filter that nobody may subscribe to.
	forbidden string
	// secure has it speak TLS with what the authority has issued, and want certificates of it if wanted.
	secure *linktest.Authority
	wanted bool
}

// testBroker is a broker at an address that stays the same.
type testBroker struct {
	address string
	setup   setup
	run     func(t testing.TB, b *testBroker) (stop func())
	stop    func()
}

// brokers are those that everything is tried with.
var brokers = map[string]func(testing.TB, *testBroker) func(){"mochi": runMochi, "mosquitto": runMosquitto}

func (b *testBroker) start(t testing.TB) {
	t.Helper()
	b.stop = b.run(t, b)
}

func startBroker(t testing.TB, name string, s setup) *testBroker {
	t.Helper()
	b := &testBroker{address: linktest.FreeAddress(t), setup: s, run: brokers[name]}
	b.start(t)
	t.Cleanup(func() { b.stop() })
	return b
}

// runMochi runs a broker in this process.
func runMochi(t testing.TB, b *testBroker) func() {
	t.Helper()
	// It gives all messages an expiry, unless it is told not to.
	capabilities := mochi.NewDefaultServerCapabilities()
	capabilities.MaximumMessageExpiryInterval = 0
	server := mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler), Capabilities: capabilities})
	for _, hook := range []mochi.Hook{&guard{setup: b.setup}, new(mqtttest.Unpaced)} {
		if err := server.AddHook(hook, nil); err != nil {
			t.Fatal(err)
		}
	}
	config := listeners.Config{ID: "tests", Address: b.address}
	if b.setup.secure != nil {
		config.TLSConfig = b.setup.secured()
	}
	if err := server.AddListener(mqtttest.Listener(server, listeners.NewTCP(config))); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		t.Fatal(err)
	}
	return func() { _ = server.Close() }
}

// guard is who may do what at a broker.
type guard struct {
	mochi.HookBase
	setup setup
}

func (g *guard) Provides(b byte) bool {
	return b == mochi.OnConnectAuthenticate || b == mochi.OnACLCheck
}

func (g *guard) OnConnectAuthenticate(_ *mochi.Client, p packets.Packet) bool {
	return g.setup.password == "" ||
		string(p.Connect.Username) == "gateway" && string(p.Connect.Password) == g.setup.password
}

func (g *guard) OnACLCheck(_ *mochi.Client, topic string, write bool) bool {
	return write || topic != g.setup.forbidden
}

// runMosquitto runs the broker of Eclipse, if it is installed.
func runMosquitto(t testing.TB, b *testBroker) func() {
	t.Helper()
	program := find("mosquitto")
	if program == "" {
		t.Skip("NOT TESTED with mosquitto, which is not installed")
	}
	if b.setup.forbidden != "" {
		t.Skip("mosquitto takes subscriptions that bring nothing")
	}
	file := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(file, []byte(b.mosquitto(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-c", file)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(20 * time.Second); ; {
		conn, err := net.Dial("tcp", b.address)
		if err == nil {
			conn.Close()
			break
		}
		if time.Now().After(until) {
			t.Fatalf("mosquitto does not listen: %s", said.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	return func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	}
}

func find(program string) string {
	for _, name := range []string{program, "/usr/sbin/" + program, "/usr/local/sbin/" + program, "/usr/bin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (b *testBroker) mosquitto(t testing.TB) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(b.address)
	lines := []string{fmt.Sprintf("listener %s %s", port, host), "max_queued_messages 0"}
	if os.Getuid() == 0 {
		lines = append(lines, "user root")
	}
	if b.setup.password == "" {
		lines = append(lines, "allow_anonymous true")
	} else {
		file := filepath.Join(t.TempDir(), "passwords")
		if out, err := exec.Command(find("mosquitto_passwd"), "-b", "-c", file, "gateway", b.setup.password).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		lines = append(lines, "allow_anonymous false", "password_file "+file)
	}
	if b.setup.secure != nil {
		lines = append(lines, b.setup.files(t)...)
		lines = append(lines, fmt.Sprintf("require_certificate %t", b.setup.wanted))
	}
	return strings.Join(lines, "\n") + "\n"
}

// secured returns how a broker speaks TLS.
func (s setup) secured() *tls.Config {
	config := &tls.Config{Certificates: []tls.Certificate{s.secure.Server("127.0.0.1")}, ClientCAs: s.secure.Pool()}
	if s.wanted {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config
}

// files returns how mosquitto speaks TLS.
func (s setup) files(t testing.TB) []string {
	t.Helper()
	dir := t.TempDir()
	certificate, key := s.secure.Pair([]string{"127.0.0.1"})
	var lines []string
	for name, content := range map[string]string{
		"cafile": string(s.secure.CA()), "certfile": string(certificate), "keyfile": string(key),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, name+" "+path)
	}
	return lines
}
