package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/twinway/twinway/test/gatewaytest"
)

// throughMQTT brings modifications in by MQTT and their events out by HTTP. A message is acknowledged to the broker when its event has
// been pushed, so that nothing of it is missing anywhere.
const throughMQTT = `
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: in}
spec:
  gatewayRef: {name: demo}
  type: MQTT
  uri: tcp://%s
  mqtt: {version: %s}
  sources:
  - name: commands
    addresses: [commands]
    authorizationSubjects: ["nginx:ditto"]
    delivery: AtLeastOnce
    requestedAcks: [%s]
---
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: out}
spec: {gatewayRef: {name: demo}, type: HTTPPush, uri: %s, httpPush: {parallelism: 64}}
---
apiVersion: twinway.dev/v1alpha1
kind: Subscription
metadata: {name: events}
spec:
  connectionRef: {name: out}
  direction: Outbound
  signal: TwinEvents
  authorizationSubjects: ["nginx:ditto"]
  target: {address: "POST:/{{ thing:id }}", delivery: AtLeastOnce, issuedAck: "out:pushed"}
`

// BenchmarkThroughConnections is a modification that a device publishes by MQTT, with quality of service 1, until its event has been
// pushed to a server by HTTP: the chain that the reference measures with Kafka. 256 are on their way at a time, of 1,000 things. It
// reports the time from publication to push.
func BenchmarkThroughConnections(b *testing.B) {
	for _, version := range []string{"V3", "V5"} {
		for _, accepted := range []struct{ when, acks string }{{"stored", `"twin-persisted"`}, {"pushed", `"twin-persisted", "out:pushed"`}} {
			b.Run("mqtt="+version+"/accepted="+accepted.when, func(b *testing.B) { throughConnections(b, version, accepted.acks) })
		}
	}
}

func throughConnections(b *testing.B, version, acks string) {
	const underway, chainThings = 256, 1000
	places := make(chan struct{}, underway)
	var mu sync.Mutex
	took := make([]time.Duration, 0, b.N)
	sent := make([]time.Time, b.N)
	value := regexp.MustCompile(`"value":(\d+)`)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		match := value.FindSubmatch(body)
		if match == nil {
			return // the creation of a thing
		}
		i, _ := strconv.Atoi(string(match[1]))
		mu.Lock()
		took = append(took, time.Since(sent[i]))
		mu.Unlock()
		<-places
	}))
	b.Cleanup(sink.Close)
	broker := startBroker(b)
	dir := b.TempDir()
	base, err := os.ReadFile("../../config/samples/gateway.yaml")
	if err != nil {
		b.Fatal(err)
	}
	manifests := string(base) + "\n---\n" + fmt.Sprintf(throughMQTT, broker, version, acks, sink.URL)
	if err := os.WriteFile(filepath.Join(dir, "all.yaml"), []byte(manifests), 0o600); err != nil {
		b.Fatal(err)
	}
	snap := gatewaytest.Snapshot(b, dir)
	g := gatewaytest.StartOn(b, snap, b.TempDir())
	create(b, g.Address(), chainThings)
	device := publisher(b, broker)
	time.Sleep(time.Second) // what was created is pushed, and the source has subscribed
	b.ReportAllocs()
	runtime.GC()
	b.ResetTimer()
	began := processorTime()
	for i := range b.N {
		take(b, places)
		mu.Lock()
		sent[i] = time.Now()
		mu.Unlock()
		device.Publish("commands", 1, false, fmt.Sprintf(modify, i%chainThings, i, i))
	}
	for range underway {
		take(b, places)
	}
	b.StopTimer()
	cpu := processorTime() - began
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N), "cpu-µs/message")
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// take takes a place, for which it does not wait for ever.
func take(b *testing.B, places chan struct{}) {
	b.Helper()
	select {
	case places <- struct{}{}:
	default:
		select {
		case places <- struct{}{}:
		case <-time.After(time.Minute):
			b.Fatal("not everything was pushed")
		}
	}
}

// startBroker runs Mosquitto and returns its address.
func startBroker(b *testing.B) string {
	b.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/mosquitto"); err != nil {
			b.Skip("NOT MEASURED: Mosquitto is not installed")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	file := filepath.Join(b.TempDir(), "mosquitto.conf")
	config := "listener " + port + " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\nlog_dest none\nuser root\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	command := exec.Command(program, "-c", file)
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return address
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Fatal("Mosquitto does not listen")
	return ""
}

// publisher returns a client that publishes.
func publisher(b *testing.B, broker string) mqtt.Client {
	b.Helper()
	client := mqtt.NewClient(&mqtt.ClientOptions{
		Servers: []*url.URL{{Scheme: "tcp", Host: broker}}, ClientID: "bench", CleanSession: true, ProtocolVersion: 4,
		ConnectTimeout: time.Minute, KeepAlive: 60, PingTimeout: time.Minute, WriteTimeout: time.Minute,
	})
	if token := client.Connect(); !token.WaitTimeout(time.Minute) || token.Error() != nil {
		b.Fatal(token.Error())
	}
	b.Cleanup(func() { client.Disconnect(100) })
	return client
}
