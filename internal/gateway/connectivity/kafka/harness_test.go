package kafka

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// swift is for tests, which have no time.
var swift = times{
	answer: time.Second, check: 200 * time.Millisecond, patience: 700 * time.Millisecond, commit: 10 * time.Millisecond,
	again: 20 * time.Millisecond, longest: 100 * time.Millisecond, session: time.Second, deliver: 2 * time.Second,
}

// newCluster returns a cluster of one broker that ends with the test.
func newCluster(t testing.TB, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(time.Second)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

// to returns a connection to a cluster.
func to(cluster *kfake.Cluster, sources ...snapshot.Source) *snapshot.Connection {
	return &snapshot.Connection{
		Name: "c", Type: snapshot.ConnectionKafka, URI: "tcp://" + strings.Join(cluster.ListenAddrs(), ","),
		Sources: sources, Kafka: &snapshot.Kafka{GroupID: "g"},
	}
}

func source(name string, delivery snapshot.DeliveryGuarantee, topics ...string) snapshot.Source {
	return snapshot.Source{Name: name, Addresses: topics, Delivery: delivery}
}

func dial(t testing.TB, connection *snapshot.Connection, consumer link.Consumer) link.Client {
	t.Helper()
	return linktest.Dial(t, &kind{times: swift, strikes: newStrikes()}, linktest.Config(connection, consumer))
}

// refusedDial returns the error of dialling, which must be a refusal.
func refusedDial(t *testing.T, c link.Config) string {
	t.Helper()
	return linktest.Refused(t, &kind{times: swift, strikes: newStrikes()}, c)
}

// published publishes at least once and returns the outcome.
func published(t testing.TB, client link.Client, m external.Message) link.Outcome {
	t.Helper()
	return linktest.Publish(t, client, m, snapshot.AtLeastOnce)
}

// outside returns a client of the cluster that has nothing to do with the gateway.
func outside(t testing.TB, cluster *kfake.Cluster, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(partitioner{kgo.StickyKeyPartitioner(nil)}),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// send produces records with their numbers as payload and key to one partition.
func send(t testing.TB, cluster *kfake.Cluster, topic string, partition int32, from, to int) {
	t.Helper()
	client := outside(t, cluster)
	defer client.Close()
	var all []*kgo.Record
	for i := from; i < to; i++ {
		all = append(all, &kgo.Record{Topic: topic, Partition: partition, Value: fmt.Append(nil, i)})
	}
	if err := client.ProduceSync(t.Context(), all...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// read returns the records of a topic, as many as are asked for.
func read(t testing.TB, cluster *kfake.Cluster, topic string, n int) []*kgo.Record {
	t.Helper()
	client := outside(t, cluster, kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), linktest.Enough)
	defer cancel()
	var all []*kgo.Record
	for len(all) < n {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		all = append(all, fetches.Records()...)
	}
	return all
}

// committed returns what the group has committed for a partition, -1 for nothing.
func committed(cluster *kfake.Cluster, topic string, partition int32) int64 {
	info := cluster.GroupInfo("g")
	if info == nil {
		return -1
	}
	commit, ok := info.Commits[topic][partition]
	if !ok {
		return -1
	}
	return commit.Offset
}

// notLeader is that the only broker does not lead a topic.
func notLeader(topic string) kfake.Fault {
	return kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.NotLeaderForPartition, Count: -1}
}

// valve is a network that can be cut: nothing goes through, and nobody is told.
type valve struct {
	mu   sync.Mutex
	open chan struct{} // closed while it is open
}

func newValve() *valve {
	v := &valve{open: make(chan struct{})}
	close(v.open)
	return v
}

func (v *valve) cut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.open = make(chan struct{})
}

func (v *valve) heal() {
	v.mu.Lock()
	defer v.mu.Unlock()
	close(v.open)
}

func (v *valve) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	return valveListener{l, v}, err
}

type valveListener struct {
	net.Listener
	valve *valve
}

func (l valveListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &valveConn{Conn: conn, valve: l.valve, closed: make(chan struct{})}, nil
}

type valveConn struct {
	net.Conn
	valve  *valve
	once   sync.Once
	closed chan struct{}
}

// pass waits until the valve is open, or the connection is closed.
func (c *valveConn) pass() {
	c.valve.mu.Lock()
	open := c.valve.open
	c.valve.mu.Unlock()
	select {
	case <-open:
	case <-c.closed:
	}
}

func (c *valveConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.pass()
	return n, err
}

func (c *valveConn) Write(p []byte) (int, error) {
	c.pass()
	return c.Conn.Write(p)
}

func (c *valveConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
