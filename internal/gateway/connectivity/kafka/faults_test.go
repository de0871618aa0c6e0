package kafka

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
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
			client := dial(t, connection, &inbox{})
			if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
				t.Errorf("%+v", o)
			}
			wrong := *connection
			wrong.Credentials = basic("me", "secret-2")
			text := refusedDial(t, config(&wrong, &inbox{}))
			if !strings.Contains(text, "not accept the user name and password") || strings.Contains(text, "secret") {
				t.Errorf("%q", text)
			}
			none := config(connection, &inbox{})
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
	refusedDial(t, config(connection, &inbox{}))
}

// TestLoginAgain changes the password while a client is connected: what connects from then on logs in with the new one.
func TestLoginAgain(t *testing.T) {
	cluster := newCluster(t, kfake.EnableSASL(), kfake.SeedTopics(1, "out"), kfake.Superuser("PLAIN", "me", "new"), kfake.NumBrokers(1))
	connection := to(cluster)
	connection.Kafka.SASLMechanism = snapshot.SASLPlain
	connection.Credentials = basic("me", "new")
	old := *connection
	old.Credentials = basic("me", "old")
	c := config(&old, &inbox{})
	c.Current = func() *snapshot.Connection { return connection }
	client := dialAs(t, &kind{times: swift, strikes: newStrikes()}, c)
	if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
}

func TestUnknownTopic(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"), kfake.AllowAutoTopicCreation())
	text := refusedDial(t, config(to(cluster, source("s", snapshot.AtLeastOnce, "in", "nowhere")), &inbox{}))
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
		if got := refusedDial(t, config(to(cluster, test.sources...), &inbox{})); got != test.want {
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
	client := dial(t, connection, &inbox{})
	if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("allowed: %+v", o)
	}
	if o := published(t, client, external.Message{Address: "in"}); o.Status != 403 || o.Again {
		t.Errorf("not allowed: %+v", o)
	}
	for topic, want := range map[string]string{"secret": "not allowed to use the topic secret", "in": "not allowed to use the consumer group"} {
		c := *connection
		c.Sources = []snapshot.Source{source("s", snapshot.AtLeastOnce, topic)}
		if got := refusedDial(t, config(&c, &inbox{})); got != want {
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
			client := dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), &inbox{})
			send(t, cluster, "in", 0, 0, 1)
			eventually(t, "it consumes", func() bool { return committed(cluster, "in", 0) == 1 })
			denied := errors.As(test.want, &test.fault.Err)
			test.fault.Count = -1
			cluster.Fault(test.fault)
			send(t, cluster, "in", 0, 1, 2)
			awaitLost(t, client)
			if err := client.Err(); !denied || !errors.As(err, new(*link.Refusal)) || err.Error() != denials[test.fault.Err] {
				t.Errorf("%v", err)
			}
		})
	}
}

func awaitLost(t *testing.T, client link.Client) {
	t.Helper()
	select {
	case <-client.Lost():
	case <-time.After(enough):
		t.Fatal("not lost")
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	_ = l.Close()
	connection := &snapshot.Connection{Name: "c", URI: "tcp://" + free, Kafka: &snapshot.Kafka{GroupID: "g"}}
	if text := refusedDial(t, config(connection, &inbox{})); text != "nobody listens at "+free {
		t.Errorf("%q", text)
	}
	// One of several brokers is enough.
	cluster := newCluster(t, kfake.SeedTopics(1, "out"))
	connection.URI = "tcp://" + free + "," + cluster.ListenAddrs()[0]
	client := dial(t, connection, &inbox{})
	if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
}

// TestNetworkCut loses the client in bounded time; what had no outcome has one, and a new client delivers.
func TestNetworkCut(t *testing.T) {
	valve := newValve()
	cluster := newCluster(t, kfake.SeedTopics(1, "in", "out"), kfake.ListenFn(valve.listen))
	in := &inbox{}
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	client := dial(t, connection, in)
	valve.cut()
	outcome := make(chan link.Outcome, 2)
	m := &external.Message{Address: "out", Payload: []byte("x")}
	if err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) { outcome <- o }); err != nil {
		t.Fatal(err)
	}
	awaitLost(t, client)
	if client.Err() == nil {
		t.Error("no cause")
	}
	closing, cancel := context.WithTimeout(t.Context(), enough)
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
	eventually(t, "a message", func() bool { return len(in.all()) == 1 })
}

// TestBrokerRestart stops the only broker while messages flow both ways, and starts it again with what it had: nothing that was accepted is
// missing on either side.
func TestBrokerRestart(t *testing.T) {
	dir := t.TempDir()
	port := freePort(t)
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
	in := &inbox{}
	in.do = func(c link.Consumed) {
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
	eventually(t, "some", func() bool { return len(in.all()) > 10 })
	cluster.Close()
	awaitLost(t, client)
	end(client)
	cluster = start()
	t.Cleanup(func() { cluster.Close() })
	client = dial(t, connection, in)
	for i := 20; i < 40; i++ {
		publish(i)
	}
	send(t, cluster, "in", 0, 50, 100)
	eventually(t, "all are accepted", func() bool {
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
	end(client)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// TestShortDisturbance keeps the client when brokers close connections but answer.
func TestShortDisturbance(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in", "out"))
	in := &inbox{}
	client := dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	for i := range 3 {
		cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Heartbeat, kmsg.Fetch, kmsg.OffsetCommit}, Err: kerr.NotCoordinator, Count: 2})
		cluster.RehashCoordinators()
		send(t, cluster, "in", 0, i, i+1)
		if o := published(t, client, external.Message{Address: "out"}); !o.Delivered() {
			t.Errorf("%+v", o)
		}
	}
	eventually(t, "all is committed", func() bool { return committed(cluster, "in", 0) == 3 })
	select {
	case <-client.Lost():
		t.Errorf("lost: %v", client.Err())
	default:
	}
}

// authority issues certificates for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.certificate, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) pem() snapshot.Content {
	return snapshot.Content(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}))
}

// issue returns a certificate for an address of this machine, and its key.
func (a *authority) issue(t *testing.T) (certificate, key []byte) {
	t.Helper()
	a.serial++
	own := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial + 1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &own.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

func TestTLS(t *testing.T) {
	good, bad := newAuthority(t), newAuthority(t)
	pair, err := tls.X509KeyPair(good.issue(t))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(good.certificate)
	var shown atomic.Int32
	cluster := newCluster(t, kfake.SeedTopics(1, "out"), kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
		VerifyConnection: func(tls.ConnectionState) error { shown.Add(1); return nil },
	}))
	client := func(a *authority) *snapshot.Credentials {
		certificate, key := a.issue(t)
		return &snapshot.Credentials{ClientCertificate: &snapshot.ClientCertificate{
			Certificate: snapshot.Content(certificate), Key: snapshot.SecretContent(key),
		}}
	}
	with := func(ca *authority, credentials *snapshot.Credentials) *snapshot.Connection {
		c := to(cluster)
		c.URI = "ssl" + strings.TrimPrefix(c.URI, "tcp")
		c.TLS.CA, c.Credentials = ca.pem(), credentials
		return c
	}
	right := dial(t, with(good, client(good)), &inbox{})
	if o := published(t, right, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
	if shown.Load() == 0 {
		t.Error("no certificate was shown")
	}
	refusedDial(t, config(with(bad, client(good)), &inbox{}))
	refusedDial(t, config(with(good, client(bad)), &inbox{}))
	refusedDial(t, config(with(good, nil), &inbox{}))
	plain := to(cluster)
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	if _, err := New().Dial(ctx, config(plain, &inbox{})); err == nil {
		t.Error("dialled without TLS")
	}
}

// TestTopicsAreCreated only where the cluster lets everybody.
func TestTopicsAreCreated(t *testing.T) {
	cluster := newCluster(t, kfake.AllowAutoTopicCreation())
	client := dial(t, to(cluster), &inbox{})
	if o := published(t, client, external.Message{Address: "fresh"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
}

var _ kgo.HookBrokerDisconnect = breaks{}

// TestLeadersMove moves partitions and the group between brokers while messages flow both ways: nothing is missing, each partition is in
// order, and the client stays.
func TestLeadersMove(t *testing.T) {
	cluster := newCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(4, "in", "out"))
	in := &inbox{}
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
	eventually(t, "all is committed", func() bool {
		for p := range int32(4) {
			if committed(cluster, "in", p) != 50 {
				return false
			}
		}
		return true
	})
	seen := map[string]int{}
	for _, text := range in.payloads() {
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
