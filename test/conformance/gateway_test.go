package conformance

import (
	"os"
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// TestConformance plays the scenarios against TWINWAY_TARGET (ws://host:port, user and password ditto, subjects taken from
// the pre-authenticated header), or against a gateway that it starts.
func TestConformance(t *testing.T) { Run(t, start(t)) }

// start returns what the scenarios are played against.
func start(t *testing.T) Target {
	t.Helper()
	if url := os.Getenv("TWINWAY_TARGET"); url != "" {
		return Target{URL: url, User: gatewaytest.User, Password: gatewaytest.Password}
	}
	snap := gatewaytest.Snapshot(t, "../../config/samples")
	snap.Authentication.PreAuthenticated = &snapshot.PreAuthentication{Source: snapshot.PreAuthenticationHeader}
	g := gatewaytest.Start(t, snap)
	return Target{URL: "ws://" + g.Address(), User: gatewaytest.User, Password: gatewaytest.Password}
}
