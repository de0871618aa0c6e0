// Package gatewaytest starts real gateways for tests: with the embedded store
// in a directory and listeners on loopback.
package gatewaytest

import (
	"log/slog"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// User and Password are the credentials of the user in Snapshot, whose subject
// is nginx:ditto.
const (
	User     = "ditto"
	Password = "ditto"
)

// hash is of the password, at the lowest cost, since tests open thousands of
// sessions.
const hash = "$2a$04$hHL5CTylF9SH8gl0cOnYb.uLiL.RFra.QSjPyhCtqX2dO6Y0/w7Gy"

// Snapshot returns the effective configuration of the manifests in dir, with a
// user whose password is cheap to check and the highest limit on attempts.
func Snapshot(t testing.TB, dir string) *snapshot.Snapshot {
	t.Helper()
	objects, findings := manifest.Load(dir)
	snap, more := compile.Compile(objects)
	if findings = append(findings, more...); findings.HasErrors() {
		t.Fatalf("%s: %v", dir, findings)
	}
	snap.Authentication.Basic.Users[User] = hash
	snap.Limits.Authentication.FailuresPerMinute = 10_000
	return snap
}

// Start runs a gateway until the test ends. Its store is in memory, where a file system is.
func Start(t testing.TB, snap *snapshot.Snapshot) *gateway.Gateway {
	t.Helper()
	return StartOn(t, snap, inMemory(t))
}

// StartOn runs a gateway with its store in a directory until the test ends.
func StartOn(t testing.TB, snap *snapshot.Snapshot, dir string) *gateway.Gateway {
	t.Helper()
	g, err := gateway.Start(snap, gateway.Options{
		DataDir: dir, Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close the gateway: %v", err)
		}
	})
	return g
}
