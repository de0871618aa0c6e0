package push_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// A real gateway is configured, refuses what it cannot do, is taken out of
// service and put back, and comes back with what it had and is brought up to
// date.
func TestRealGateway(t *testing.T) {
	f := newFleet(t, push.Options{PollWait: 10 * time.Second})
	snap := gatewaytest.Snapshot(t, "../../config/samples")
	snap.Limits.Authentication.FailuresPerMinute = 100 // What is pushed is checked.
	certificates := mount(t, f.authority, snap.Gateway)
	boot := *snap
	g := startGateway(t, &boot, certificates)
	target := push.Pod{UID: "1", Name: "gw-0", Address: g.ManagementAddress()}
	set := func(s *snapshot.Snapshot, drain bool) push.Desired {
		desired := push.Desired{Hash: s.Hash(), Load: stored(s.Encode()), Pods: []push.Pod{target}, Drain: drain}
		f.Set(s.Gateway, desired)
		return desired
	}
	status := func() management.Status { return f.View(snap.Gateway)[0].Status }

	f.acked(snap.Gateway, set(snap, false))
	if hash := g.Current().Hash(); hash != status().Hash {
		t.Errorf("the gateway has %s and says it has %s", hash, status().Hash)
	}
	first := status().Boot

	changed := *snap
	changed.Limits.Thing.MaxSize--
	desired := set(&changed, false)
	f.acked(snap.Gateway, desired)
	if got := g.Current().Limits.Thing.MaxSize; got != changed.Limits.Thing.MaxSize {
		t.Errorf("the gateway limits things to %d", got)
	}

	moved := changed
	moved.Listener.Port++
	refused := set(&moved, false).Hash
	eventually(t, "the refusal", func() bool {
		why := status().Refused
		return why != nil && why.Code == management.RefusedRestart && why.Hash == refused && status().Hash == desired.Hash
	})

	set(&changed, true)
	eventually(t, "the gateway to be out of service", func() bool { return status().Draining && !status().Ready })
	set(&changed, false)
	eventually(t, "the gateway to be back in service", func() bool { return !status().Draining && status().Ready })

	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the failure to show", func() bool { return f.View(snap.Gateway)[0].Err != "" })
	again := *snap
	target.Address = startGateway(t, &again, certificates).ManagementAddress()
	f.acked(snap.Gateway, set(&changed, false))
	if status().Boot == first {
		t.Error("two processes have the same name")
	}
}

func startGateway(t *testing.T, snap *snapshot.Snapshot, certificates string) *gateway.Gateway {
	t.Helper()
	g, err := gateway.Start(snap, gateway.Options{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
		Management: gateway.Management{Address: "127.0.0.1:0", Certificates: certificates},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g
}

// mount returns a directory of what the operator puts into the Secret that pods
// mount.
func mount(t *testing.T, a *pki.Authority, id snapshot.Identity) string {
	t.Helper()
	certificate, key, err := a.IssueServer(id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"tls.crt": certificate, "tls.key": key, "ca.crt": a.Bundle()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
