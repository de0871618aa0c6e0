package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func basic(user, password string) *snapshot.Credentials {
	return &snapshot.Credentials{Basic: &snapshot.BasicCredentials{
		Username: snapshot.SecretContent(user), Password: snapshot.SecretContent(password),
	}}
}

func TestLogin(t *testing.T) {
	for _, mechanism := range []snapshot.SASLMechanism{snapshot.SASLPlain, snapshot.SASLScram256, snapshot.SASLScram512} {
		t.Run(string(mechanism), func(t *testing.T) {
			cluster := newCluster(t, kfake.EnableSASL(), kfake.SeedTopics(1, "out"),
				kfake.Superuser(strings.ToUpper(string(mechanism)), "me", "secret-1"))
			connection := to(cluster)
			connection.Kafka.SASLMechanism = mechanism
			connection.Credentials = basic("me", "secret-1")
			client := dial(t, connection, &linktest.Inbox{})
			if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
				t.Errorf("%+v", o)
			}
			wrong := *connection
			wrong.Credentials = basic("me", "secret-2")
			text := refusedDial(t, linktest.Config(&wrong, &linktest.Inbox{}))
			if !strings.Contains(text, "not accept the user name and password") || strings.Contains(text, "secret") {
				t.Errorf("%q", text)
			}
			none := linktest.Config(connection, &linktest.Inbox{})
			none.Current = func() *snapshot.Connection { return &snapshot.Connection{} }
			if text := refusedDial(t, none); text != errNoLogin.Error() {
				t.Errorf("%q", text)
			}
		})
	}
}

func TestLoginThatIsNotKnown(t *testing.T) {
	cluster := newCluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "me", "secret"))
	connection := to(cluster)
	connection.Kafka.SASLMechanism = snapshot.SASLScram512
	connection.Credentials = basic("me", "secret")
	refusedDial(t, linktest.Config(connection, &linktest.Inbox{}))
}

// TestLoginAgain changes the password while a client is connected: what connects from then on logs in with the new one.
func TestLoginAgain(t *testing.T) {
	cluster := newCluster(t, kfake.EnableSASL(), kfake.SeedTopics(1, "out"), kfake.Superuser("PLAIN", "me", "new"), kfake.NumBrokers(1))
	connection := to(cluster)
	connection.Kafka.SASLMechanism = snapshot.SASLPlain
	connection.Credentials = basic("me", "new")
	old := *connection
	old.Credentials = basic("me", "old")
	c := linktest.Config(&old, &linktest.Inbox{})
	c.Current = func() *snapshot.Connection { return connection }
	client := linktest.Dial(t, &kind{times: swift, strikes: newStrikes()}, c)
	if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
}

func TestUnknownTopic(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"), kfake.AllowAutoTopicCreation())
	text := refusedDial(t, linktest.Config(to(cluster, source("s", snapshot.AtLeastOnce, "in", "nowhere")), &linktest.Inbox{}))
	if text != "there is no topic nowhere" {
		t.Errorf("%q", text)
	}
}

func TestSourcesThatCannotBe(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	tests := []struct {
		sources []snapshot.Source
		want    string
	}{
		{
			[]snapshot.Source{source("a", snapshot.AtLeastOnce, "in"), source("b", snapshot.AtMostOnce, "in")},
			"the topic in is in the sources a and b, but can be in one only",
		},
		{[]snapshot.Source{source("a", snapshot.AtLeastOnce, "a/b")}, `source a: "a/b" cannot be the name of a topic`},
	}
	for _, test := range tests {
		if got := refusedDial(t, linktest.Config(to(cluster, test.sources...), &linktest.Inbox{})); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// TestRights has a user who may write to one topic, and read another without the group.
func TestRights(t *testing.T) {
	allow := func(resource kmsg.ACLResourceType, name string, operation kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{
			Resource: resource, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: operation, Allow: true,
		}
	}
	cluster := newCluster(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.SeedTopics(1, "out", "in", "secret"),
		kfake.Superuser("PLAIN", "root", "root"),
		kfake.User("PLAIN", "me", "me", allow(kmsg.ACLResourceTypeTopic, "out", kmsg.ACLOperationWrite),
			allow(kmsg.ACLResourceTypeTopic, "in", kmsg.ACLOperationRead)))
	connection := to(cluster)
	connection.Kafka.SASLMechanism = snapshot.SASLPlain
	connection.Credentials = basic("me", "me")
	client := dial(t, connection, &linktest.Inbox{})
	if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("allowed: %+v", o)
	}
	if o := published(t, client, external.Message{Address: "in"}); o.Status != 403 || o.Again {
		t.Errorf("not allowed: %+v", o)
	}
	for topic, want := range map[string]string{"secret": "not allowed to use the topic secret", "in": "not allowed to use the consumer group"} {
		c := *connection
		c.Sources = []snapshot.Source{source("s", snapshot.AtLeastOnce, topic)}
		if got := refusedDial(t, linktest.Config(&c, &linktest.Inbox{})); got != want {
			t.Errorf("%s: %q", topic, got)
		}
	}
}

// TestRightsTakenAway loses a client that may not consume any more.
func TestRightsTakenAway(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault kfake.Fault
		want  error
	}{
		{"commit", kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Group: "g"}, kerr.GroupAuthorizationFailed},
		{"group", kfake.Fault{Keys: []kmsg.Key{kmsg.Heartbeat}, Group: "g", TopLevel: true}, kerr.GroupAuthorizationFailed},
		{"topic", kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: "in"}, kerr.TopicAuthorizationFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster := newCluster(t, kfake.SeedTopics(1, "in"))
			client := dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), &linktest.Inbox{})
			send(t, cluster, "in", 0, 0, 1)
			linktest.Eventually(t, "it consumes", func() bool { return committed(cluster, "in", 0) == 1 })
			denied := errors.As(test.want, &test.fault.Err)
			test.fault.Count = -1
			cluster.Fault(test.fault)
			send(t, cluster, "in", 0, 1, 2)
			linktest.AwaitLost(t, client)
			if err := client.Err(); !denied || !errors.As(err, new(*link.Refusal)) || err.Error() != denials[test.fault.Err] {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	free := linktest.FreeAddress(t)
	connection := &snapshot.Connection{Name: "c", URI: "tcp://" + free, Kafka: &snapshot.Kafka{GroupID: "g"}}
	if text := refusedDial(t, linktest.Config(connection, &linktest.Inbox{})); text != "nobody listens at "+free {
		t.Errorf("%q", text)
	}
	// One of several brokers is enough.
	cluster := newCluster(t, kfake.SeedTopics(1, "out"))
	connection.URI = "tcp://" + free + "," + cluster.ListenAddrs()[0]
	client := dial(t, connection, &linktest.Inbox{})
	if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
}

// TestNetworkCut loses the client in bounded time; what had no outcome has one, and a new client delivers.
func TestNetworkCut(t *testing.T) {
	valve := newValve()
	cluster := newCluster(t, kfake.SeedTopics(1, "in", "out"), kfake.ListenFn(valve.listen))
	in := &linktest.Inbox{}
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	client := dial(t, connection, in)
	valve.cut()
	outcome := make(chan link.Outcome, 2)
	m := &external.Message{Address: "out", Payload: []byte("x")}
	if err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) { outcome <- o }); err != nil {
		t.Fatal(err)
	}
	linktest.AwaitLost(t, client)
	if client.Err() == nil {
		t.Error("no cause")
	}
	closing, cancel := context.WithTimeout(t.Context(), linktest.Enough)
	client.Close(closing)
	if closing.Err() != nil {
		t.Error("closing takes long")
	}
	cancel()
	if o := <-outcome; o.Status != 500 || !o.Again || o.Err == nil {
		t.Errorf("%+v", o)
	}
	valve.heal()
	client = dial(t, connection, in)
	if o := published(t, client, *m); !o.Delivered() {
		t.Errorf("%+v", o)
	}
	send(t, cluster, "in", 0, 0, 1)
	linktest.Eventually(t, "a message", func() bool { return len(in.All()) == 1 })
}

// TestBrokerRestart stops the only broker while messages flow both ways, and starts it again with what it had: nothing that was accepted is
// missing on either side.
func TestBrokerRestart(t *testing.T) {
	dir := t.TempDir()
	port := int(netip.MustParseAddrPort(linktest.FreeAddress(t)).Port())
	start := func() *kfake.Cluster {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "in", "out"), kfake.DataDir(dir), kfake.SyncWrites(),
			kfake.Ports(port), kfake.GroupMinSessionTimeout(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return cluster
	}
	cluster := start()
	var mu sync.Mutex
	accepted := map[string]bool{}
	in := &linktest.Inbox{}
	in.Do = func(_ context.Context, c link.Consumed) {
		mu.Lock()
		defer mu.Unlock()
		accepted[string(c.Message.Payload)] = true
		c.Settle(link.Accept)
	}
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	client := dial(t, connection, in)
	delivered := map[int]bool{}
	publish := func(i int) {
		if o := published(t, client, external.Message{Address: "out", Payload: []byte(strconv.Itoa(i))}); o.Delivered() {
			delivered[i] = true
		}
	}
	for i := range 20 {
		publish(i)
	}
	send(t, cluster, "in", 0, 0, 50)
	linktest.Eventually(t, "some", func() bool { return len(in.All()) > 10 })
	cluster.Close()
	linktest.AwaitLost(t, client)
	linktest.End(client)
	cluster = start()
	t.Cleanup(func() { cluster.Close() })
	client = dial(t, connection, in)
	for i := 20; i < 40; i++ {
		publish(i)
	}
	send(t, cluster, "in", 0, 50, 100)
	linktest.Eventually(t, "all are accepted", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(accepted) == 100
	})
	if len(delivered) != 40 {
		t.Errorf("%d delivered", len(delivered))
	}
	for _, r := range read(t, cluster, "out", len(delivered)) {
		i, _ := strconv.Atoi(string(r.Value))
		delete(delivered, i)
	}
	if len(delivered) > 0 {
		t.Errorf("missing: %v", delivered)
	}
	linktest.End(client)
}

// TestShortDisturbance keeps the client when brokers close connections but answer.
func TestShortDisturbance(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in", "out"))
	in := &linktest.Inbox{}
	client := dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	for i := range 3 {
		cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Heartbeat, kmsg.Fetch, kmsg.OffsetCommit}, Err: kerr.NotCoordinator, Count: 2})
		cluster.RehashCoordinators()
		send(t, cluster, "in", 0, i, i+1)
		if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
			t.Errorf("%+v", o)
		}
	}
	linktest.Eventually(t, "all is committed", func() bool { return committed(cluster, "in", 0) == 3 })
	select {
	case <-client.Lost():
		t.Errorf("lost: %v", client.Err())
	default:
	}
}

func TestTLS(t *testing.T) {
	good, bad := linktest.NewAuthority(t), linktest.NewAuthority(t)
	var shown atomic.Int32
	cluster := newCluster(t, kfake.SeedTopics(1, "out"), kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{good.Server()}, ClientCAs: good.Pool(), ClientAuth: tls.RequireAndVerifyClientCert,
		VerifyConnection: func(tls.ConnectionState) error { shown.Add(1); return nil },
	}))
	client := func(a *linktest.Authority) *snapshot.Credentials {
		return &snapshot.Credentials{ClientCertificate: a.Client("gateway")}
	}
	with := func(ca *linktest.Authority, credentials *snapshot.Credentials) *snapshot.Connection {
		c := to(cluster)
		c.URI = "ssl" + strings.TrimPrefix(c.URI, "tcp")
		c.TLS.CA, c.Credentials = ca.CA(), credentials
		return c
	}
	right := dial(t, with(good, client(good)), &linktest.Inbox{})
	if o := published(t, right, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
	if shown.Load() == 0 {
		t.Error("no certificate was shown")
	}
	refusedDial(t, linktest.Config(with(bad, client(good)), &linktest.Inbox{}))
	refusedDial(t, linktest.Config(with(good, client(bad)), &linktest.Inbox{}))
	refusedDial(t, linktest.Config(with(good, nil), &linktest.Inbox{}))
	plain := to(cluster)
	ctx, cancel := context.WithTimeout(t.Context(), linktest.Enough)
	defer cancel()
	if _, err := New().Dial(ctx, linktest.Config(plain, &linktest.Inbox{})); err == nil {
		t.Error("dialled without TLS")
	}
}

// TestTopicsAreCreated only where the cluster lets everybody.
func TestTopicsAreCreated(t *testing.T) {
	cluster := newCluster(t, kfake.AllowAutoTopicCreation())
	client := dial(t, to(cluster), &linktest.Inbox{})
	if o := published(t, client, external.Message{Address: "fresh"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
}

var _ kgo.HookBrokerDisconnect = breaks{}

// TestLeadersMove moves partitions and the group between brokers while messages flow both ways: nothing is missing, each partition is in
// order, and the client stays.
func TestLeadersMove(t *testing.T) {
	cluster := newCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(4, "in", "out"))
	in := &linktest.Inbox{}
	client := dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	for i := range 5 {
		for p := range int32(4) {
			send(t, cluster, "in", p, i*10, (i+1)*10)
			if o := published(t, client, external.Message{Address: "out", Key: strconv.Itoa(int(p)), Payload: []byte(strconv.Itoa(i))}); !o.Delivered() {
				t.Fatalf("%+v", o)
			}
		}
		cluster.ShufflePartitionLeaders()
		cluster.RehashCoordinators()
	}
	linktest.Eventually(t, "all is committed", func() bool {
		for p := range int32(4) {
			if committed(cluster, "in", p) != 50 {
				return false
			}
		}
		return true
	})
	seen := map[string]int{}
	for _, text := range in.Payloads() {
		seen[text]++
	}
	for _, text := range []string{"0", "25", "49"} {
		if seen[text] < 4 {
			t.Errorf("%s came %d times", text, seen[text])
		}
	}
	next := map[string]int{}
	for _, r := range read(t, cluster, "out", 20) {
		if string(r.Value) != strconv.Itoa(next[string(r.Key)]) {
			t.Errorf("key %s: %s, want %d", r.Key, r.Value, next[string(r.Key)])
		}
		next[string(r.Key)]++
	}
	select {
	case <-client.Lost():
		t.Errorf("lost: %v", client.Err())
	default:
	}
}
