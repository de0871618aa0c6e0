package conformance

import (
	"os"
	"testing"

	"github.com/twinway/twinway/test/gatewaytest"
)

// TestConformance plays the scenarios against TWINWAY_TARGET (ws://host:port, user and password ditto), or against a
// gateway that it starts.
func TestConformance(t *testing.T) {
	if url := os.Getenv("TWINWAY_TARGET"); url != "" {
		Run(t, Target{URL: url, User: gatewaytest.User, Password: gatewaytest.Password})
		return
	}
	g := gatewaytest.Start(t, gatewaytest.Snapshot(t, "../../config/samples"))
	Run(t, Target{URL: "ws://" + g.Address(), User: gatewaytest.User, Password: gatewaytest.Password})
}
