package connections_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// kafka is a cluster of one broker in this process, which keeps its records while it is stopped.
type kafka struct {
	t       testing.TB
	port    int
	dir     string
	more    []kfake.Opt
	cluster *kfake.Cluster
	devices *kgo.Client
	reader  *kgo.Client
	got     []string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]struct{}
}

// newKafka runs a cluster with the topics that tests use, until the test ends.
func newKafka(t testing.TB, more ...kfake.Opt) *kafka {
	t.Helper()
	_, text, _ := net.SplitHostPort(free(t))
	k := &kafka{t: t, dir: t.TempDir(), more: more, conns: map[net.Conn]struct{}{}}
	k.port, _ = strconv.Atoi(text)
	t.Cleanup(k.stop)
	k.start()
	return k
}

func (k *kafka) uri() string { return "tcp://127.0.0.1:" + strconv.Itoa(k.port) }

func (k *kafka) options() string {
	return "  type: Kafka\n  uri: " + k.uri() + "\n  kafka: {groupID: gateway}"
}

func (*kafka) self() string {
	return `{input: "{{ header:kafka.key }}", filters: ["{{ thing:name }}"]}`
}

func (*kafka) target() string { return "events/{{ thing:name }}" }

// received reads on. It is not for several goroutines.
func (k *kafka) received() []string { return k.read("events") }

// read reads on in a topic, always the same.
func (k *kafka) read(topic string) []string {
	if k.reader == nil {
		k.reader = k.client(kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	}
	ctx, cancel := context.WithTimeout(k.t.Context(), 100*time.Millisecond)
	defer cancel()
	k.reader.PollFetches(ctx).EachRecord(func(r *kgo.Record) { k.got = append(k.got, string(r.Value)) })
	return k.got
}

func (*kafka) ordered() bool { return true }

func (*kafka) address() string { return "devices" }

func (k *kafka) start() {
	cluster, err := kfake.NewCluster(append([]kfake.Opt{
		kfake.NumBrokers(1), kfake.Ports(k.port), kfake.DataDir(k.dir), kfake.ListenFn(k.listen),
		kfake.SeedTopics(4, "devices", "events", "twin-commands", "twin-events", "twin-replies"),
	}, k.more...)...)
	if err != nil {
		k.t.Fatal(err)
	}
	k.cluster = cluster
}

func (k *kafka) stop() {
	if k.cluster != nil {
		k.cluster.Close()
	}
	k.cluster = nil
}

// client returns a client that the cuts of the network do not spare.
func (k *kafka) client(options ...kgo.Opt) *kgo.Client {
	k.t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(strings.TrimPrefix(k.uri(), "tcp://")), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
	}, options...)...)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(client.Close)
	return client
}

func (k *kafka) publish(thing, payload string) {
	k.t.Helper()
	k.mu.Lock()
	if k.devices == nil {
		k.devices = k.client()
	}
	devices := k.devices
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	record := &kgo.Record{Topic: "devices", Key: []byte(thing), Value: []byte(payload)}
	if err := devices.ProduceSync(ctx, record).FirstErr(); err != nil {
		k.t.Errorf("the brokers do not take what %s publishes: %v", thing, err)
	}
}

// listen returns a listener whose connections can be cut: clients connect to where brokers say that they are.
func (k *kafka) listen(network, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(k.t.Context(), network, address)
	return &cutListener{l, k}, err
}

type cutListener struct {
	net.Listener
	kafka *kafka
}

func (l *cutListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.kafka.join(conn) {
			return &cutConn{conn, l.kafka}, nil
		}
		_ = conn.Close()
	}
}

type cutConn struct {
	net.Conn
	kafka *kafka
}

func (c *cutConn) Close() error {
	c.kafka.mu.Lock()
	defer c.kafka.mu.Unlock()
	delete(c.kafka.conns, c.Conn)
	return c.Conn.Close()
}

func (k *kafka) join(conn net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.cut {
		k.conns[conn] = struct{}{}
	}
	return !k.cut
}

func (k *kafka) sever() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut = true
	for conn := range k.conns {
		_ = conn.Close()
	}
	clear(k.conns)
}

func (k *kafka) mend() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut = false
}

// records returns the first records of a topic.
func (k *kafka) records(topic string, n int) (all []*kgo.Record) {
	k.t.Helper()
	reader := k.client(kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	for len(all) < n {
		fetches := reader.PollFetches(ctx)
		if ctx.Err() != nil {
			k.t.Fatalf("%s has %d records, want %d", topic, len(all), n)
		}
		all = append(all, fetches.Records()...)
	}
	return all
}

func headerOf(r *kgo.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}
