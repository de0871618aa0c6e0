package apiserver

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// restartTimeout is a guard against hanging.
const restartTimeout = 3 * time.Minute

// Config returns how somebody who may do everything reaches the API server.
func Config() *rest.Config { return rest.CopyConfig(environment.config) }

// ConfigFor returns how the user reaches the API server, with the rights that
// user and groups have by RBAC.
func ConfigFor(t testing.TB, user string, groups ...string) *rest.Config {
	t.Helper()
	config, err := environment.plane.Config(user, groups...)
	if err != nil {
		t.Fatalf("credentials of %s: %v", user, err)
	}
	return config
}

// Kubeconfig returns the file with which kubectl and others reach the API
// server as somebody who may do everything.
func Kubeconfig(t testing.TB) string {
	t.Helper()
	path, err := environment.plane.Kubeconfig("admin", "system:masters")
	if err != nil {
		t.Fatalf("kubeconfig: %v", err)
	}
	return path
}

// Address returns a loopback address that nobody else on this machine uses;
// host is 2 to 254.
func Address(host byte) netip.Addr { return environment.block.Address(host) }

// Dir returns a folder that is deleted when the test binary ends.
func Dir() string { return environment.dir }

// Restart ends the API server without notice and starts it again where it was,
// with what it stored. During between, which may be nil, there is none.
func Restart(t testing.TB, between func()) {
	t.Helper()
	environment.plane.StopAPIServer()
	if between != nil {
		between()
	}
	ctx, cancel := context.WithTimeout(context.Background(), restartTimeout)
	defer cancel()
	if err := environment.plane.StartAPIServer(ctx); err != nil {
		t.Fatalf("restart the API server: %v", err)
	}
}
