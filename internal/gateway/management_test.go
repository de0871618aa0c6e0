package gateway_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	wire "github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// keeper notes what is to be kept for the next start.
type keeper struct {
	mu   sync.Mutex
	kept []string
	err  error
}

func (k *keeper) keep(encoded []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, string(encoded))
	return k.err
}

func (k *keeper) all() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.kept)
}

// manage runs a gateway with a management port, and its operator.
func manage(t *testing.T, o gateway.Options, changes ...func(*snapshot.Snapshot)) (*gateway.Gateway, *gatewaytest.Operator) {
	t.Helper()
	a, dir, snap := gatewaytest.NewAuthority(t), t.TempDir(), configuration(t, changes...)
	a.Mount(dir, wire.ServerName(snap.Gateway))
	o.Listen, o.Admin, o.Logger = "127.0.0.1:0", "127.0.0.1:0", slog.New(slog.DiscardHandler)
	o.Management = gateway.Management{Address: "127.0.0.1:0", Certificates: dir}
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
	}
	g, err := gateway.Start(snap, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close the gateway: %v", err)
		}
	})
	return g, gatewaytest.NewOperator(a, g.ManagementAddress(), snap.Gateway)
}

// outOf is a Subscription of events through a Connection.
func outOf(name, connection string) snapshot.Subscription {
	return snapshot.Subscription{
		Name: name, Connection: connection, Direction: snapshot.Outbound, Signal: snapshot.SignalTwinEvents, AuthorizationSubjects: []string{"a:b"},
		Target: &snapshot.Target{Address: "POST:/", Payload: snapshot.TargetDittoProtocol, Delivery: snapshot.AtMostOnce},
	}
}

func TestStatusOfAGateway(t *testing.T) {
	g, operator := manage(t, gateway.Options{}, func(s *snapshot.Snapshot) {
		push := func(name string, state snapshot.ConnectionState) snapshot.Connection {
			return snapshot.Connection{
				Name: name, Type: snapshot.ConnectionHTTPPush, State: state, URI: "http://127.0.0.1:9", HTTPPush: &snapshot.HTTPPush{Parallelism: 1},
			}
		}
		s.Connections = []snapshot.Connection{push("closed", snapshot.ConnectionClosed), push("open", snapshot.ConnectionOpen), {
			Name: "strange", Type: "Pigeon", State: snapshot.ConnectionOpen,
		}}
		s.Subscriptions = []snapshot.Subscription{outOf("down", "closed"), outOf("up", "open")}
	})
	c := dial(t, g, gatewaytest.User)
	c.mustWork()
	got := operator.Await(t, "the connection is open", func(s wire.Status) bool {
		return s.Connections[1].State == wire.LinkOpen && s.Connections[2].State == wire.LinkFailed
	})
	const strange = `this version of the gateway knows no connections of type "Pigeon"`
	want := wire.Status{
		Gateway: g.Current().Gateway, Boot: got.Boot, Version: got.Version, Hash: g.Current().Hash(), Ready: true, Sessions: 1,
		Connections: []wire.LinkStatus{
			{Name: "closed", State: wire.LinkClosed}, {Name: "open", State: wire.LinkOpen},
			{Name: "strange", State: wire.LinkFailed, Message: strange},
		},
		Subscriptions: []wire.LinkStatus{
			{Name: "down", State: wire.LinkClosed}, {Name: "up", State: wire.LinkOpen},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || got.Boot == "" || got.Version == 0 {
		t.Errorf("boot %q, version %d (-want +got):\n%s", got.Boot, got.Version, diff)
	}
	if diff := cmp.Diff(got, g.Status()); diff != "" {
		t.Errorf("the gateway says something else:\n%s", diff)
	}
	if bare := start(t).Status(); bare.Boot != "" {
		t.Errorf("without a port: %+v", bare)
	}
}

func TestPushTakesForce(t *testing.T) {
	k := &keeper{}
	g, operator := manage(t, gateway.Options{Keep: k.keep}, withUser("anna"))
	before := operator.Status(t)
	ditto, anna := dial(t, g, gatewaytest.User), dial(t, g, "anna")
	waiting := make(chan wire.Status, 1)
	go func() {
		waiting <- operator.Await(t, "another hash", func(s wire.Status) bool { return s.Hash != before.Hash })
	}()

	next := configuration(t, withUser("bert"))
	code, after := operator.Push(t, next)
	if code != http.StatusOK || after.Hash != next.Hash() || after.Version != before.Version+1 || after.Boot != before.Boot || after.Refused != nil {
		t.Fatalf("answered %d %+v, before %+v", code, after, before)
	}
	if woken := <-waiting; woken.Hash != next.Hash() {
		t.Errorf("who waits hears of %+v", woken)
	}
	anna.mustClose(1008)
	ditto.mustWork()
	dial(t, g, "bert").mustWork()

	again, status := operator.Push(t, next)
	if again != http.StatusOK || status.Version != after.Version {
		t.Errorf("the same again is answered %d %+v", again, status)
	}
	want := []string{string(configuration(t, withUser("anna")).Encode()), string(next.Encode())}
	if diff := cmp.Diff(want, k.all()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	for name, want := range map[string]float64{
		`pushes_total{result="applied"}`: 1, `pushes_total{result="unchanged"}`: 1, `configurations_total{result="applied"}`: 1,
		`configuration_info{hash="` + next.Hash()[:12] + `"}`: 1,
		`configuration_info{hash="` + before.Hash[:12] + `"}`: 0,
	} {
		if got := metric(t, g, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if at := metric(t, g, "management_certificate_expiry_timestamp_seconds"); at < float64(time.Now().Unix()) {
		t.Errorf("the certificate expires at %v", at)
	}
}

// That a snapshot cannot be kept does not keep it from being in force.
func TestPushThatCannotBeKept(t *testing.T) {
	k := &keeper{err: context.DeadlineExceeded}
	_, operator := manage(t, gateway.Options{Keep: k.keep})
	next := configuration(t, withUser("anna"))
	if code, s := operator.Push(t, next); code != http.StatusOK || s.Hash != next.Hash() {
		t.Errorf("answered %d %+v", code, s)
	}
}

func TestPushIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*snapshot.Snapshot)
		code   wire.RefusalCode
	}{
		"port":         {func(s *snapshot.Snapshot) { s.Listener.Port++ }, wire.RefusedRestart},
		"cache":        {func(s *snapshot.Snapshot) { s.Storage.CacheSize *= 2 }, wire.RefusedRestart},
		"index":        {indexed("attributes"), wire.RefusedRestart},
		"TLS":          {withCertificate(t, gatewaytest.NewAuthority(t)), wire.RefusedRestart},
		"foreign":      {func(s *snapshot.Snapshot) { s.Gateway.Name = "other" }, wire.RefusedForeign},
		"users":        {func(s *snapshot.Snapshot) { s.Authentication.Basic.Users["anna"] = "no hash" }, wire.RefusedUnusable},
		"other tenant": {func(s *snapshot.Snapshot) { s.Gateway.Namespace = "other" }, wire.RefusedForeign},
	} {
		t.Run(name, func(t *testing.T) {
			k := &keeper{}
			g, operator := manage(t, gateway.Options{Keep: k.keep})
			c := dial(t, g, gatewaytest.User)
			code, s := operator.Push(t, configuration(t, test.change, withoutUser(gatewaytest.User), withUser("bert"), keepUser))
			if code < 400 || code > 499 || s.Refused == nil || s.Refused.Code != test.code || s.Hash != configuration(t).Hash() {
				t.Errorf("answered %d %+v, refused %+v", code, s, s.Refused)
			}
			c.mustWork()
			dial(t, g, gatewaytest.User).mustWork()
			if n := metric(t, g, `pushes_total{result="refused"}`); n != 1 || len(k.all()) != 1 {
				t.Errorf("%v were counted as refused, %d kept", n, len(k.all()))
			}
		})
	}
}

// keepUser leaves the snapshot with a user at least.
func keepUser(s *snapshot.Snapshot) {
	s.Authentication.Basic.Users["carl"] = "$2a$04$hHL5CTylF9SH8gl0cOnYb.uLiL.RFra.QSjPyhCtqX2dO6Y0/w7Gy"
}

// A gateway that stops being healthy tells who waits, although nothing that was
// asked of it has changed it.
func TestWaitEndsWhenTheDiskFails(t *testing.T) {
	disk := slowdisk.New()
	a, dir, snap := gatewaytest.NewAuthority(t), t.TempDir(), configuration(t)
	a.Mount(dir, wire.ServerName(snap.Gateway))
	g, err := gateway.Start(snap, gateway.Options{
		DataDir: "db", FS: disk, Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
		Management: gateway.Management{Address: "127.0.0.1:0", Certificates: dir},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close() }() // it says that the disk has failed
	operator := gatewaytest.NewOperator(a, g.ManagementAddress(), snap.Gateway)
	before := operator.Status(t)
	waiting := make(chan wire.Status, 1)
	go func() { waiting <- operator.Await(t, "not ready", func(s wire.Status) bool { return !s.Ready }) }()
	c := dial(t, g, gatewaytest.User)
	disk.FailSyncs()
	c.mustDo(command("first", "create", "/", "{}"), 503, "things:thing.unavailable")
	if s := <-waiting; s.Reason == "" || s.Draining || s.Version <= before.Version {
		t.Errorf("after: %+v", s)
	}
}

// Who waits is answered when the gateway ends, and does not hold it up.
func TestCloseEndsWaits(t *testing.T) {
	g, operator := manage(t, gateway.Options{})
	before := operator.Status(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		// It may be before the port closes, or not.
		_, _ = operator.Try(t.Context(), http.MethodGet, gatewaytest.Waiting(before, time.Minute), nil)
	}()
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
}
