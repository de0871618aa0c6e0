package gateway_test

import (
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

func TestDiskThatFails(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk)
	c := dial(t, g, gatewaytest.User)
	if status, code := c.do(command("first", "create", "/", "{}")); status != 201 {
		t.Fatalf("create: %d %s", status, code)
	}
	for _, probe := range []string{"/healthz", "/readyz"} {
		if a := get(t, g, probe); a.status != 200 || string(a.body) != "ok\n" {
			t.Errorf("before: %s says %d %q", probe, a.status, a.body)
		}
	}
	if err := g.Err(); err != nil {
		t.Error(err)
	}
	disk.FailSyncs()
	for _, text := range []string{
		command("second", "create", "/", "{}"), command("first", "modify", "/attributes/a", "1"),
		command("first", "delete", "/", ""), command("third", "create", "/", "{}"),
	} {
		if status, code := c.do(text); status != 503 || code != "things:thing.unavailable" {
			t.Errorf("%s is answered %d %s", text, status, code)
		}
	}
	for _, text := range []string{policyCommand("first", "delete", "/", ""), policyCommand("fourth", "create", "/", policyWith())} {
		if status, code := c.do(text); status != 503 || code != "policies:policy.unavailable" {
			t.Errorf("%s is answered %d %s", text, status, code)
		}
	}
	<-g.Failed()
	if err := g.Err(); !errors.Is(err, store.ErrFailed) {
		t.Errorf("the gateway failed because of %v", err)
	}
	for _, probe := range []string{"/healthz", "/readyz"} {
		if a := get(t, g, probe); a.status != 503 || !strings.Contains(string(a.body), slowdisk.ErrGone.Error()) {
			t.Errorf("after: %s says %d %q", probe, a.status, a.body)
		}
	}
	if ready := metric(t, g, "ready"); ready != 0 {
		t.Errorf("the metric says that the gateway is ready: %v", ready)
	}
	if err := g.Close(); !errors.Is(err, store.ErrFailed) {
		t.Errorf("Close returns %v", err)
	}
}

func TestStartThatFailsLeavesNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := filepath.Join(t.TempDir(), "db")
	options := gateway.Options{DataDir: dir, Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)}
	for name, change := range map[string]func(*gateway.Options){
		"listener":       func(o *gateway.Options) { o.Listen = taken.Addr().String() },
		"admin listener": func(o *gateway.Options) { o.Admin = taken.Addr().String() },
	} {
		broken := options
		change(&broken)
		if _, err := gateway.Start(configuration(t), broken); err == nil || !strings.HasPrefix(err.Error(), name+":") {
			t.Errorf("error %v, want one about the %s", err, name)
		}
	}
	// The directory is free again, and one gateway holds it.
	g, err := gateway.Start(configuration(t), options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.Start(configuration(t), options); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second gateway on the directory: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}
