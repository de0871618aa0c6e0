package interop

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/twinway/twinway/test/gatewaytest"
)

// TestJavaScriptClient plays main.js against TWINWAY_TARGET (ws://host:port, user and password ditto), or against a
// gateway that it starts.
func TestJavaScriptClient(t *testing.T) {
	requireNode(t)
	run(t, nil, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund")
	run(t, []string{
		"TWINWAY_URL=" + startGateway(t),
		"TWINWAY_USER=" + gatewaytest.User,
		"TWINWAY_PASSWORD=" + gatewaytest.Password,
	}, "node", "main.js")
}

// startGateway returns where a gateway listens, which ends with the test if it was started for it.
func startGateway(t *testing.T) (url string) {
	if url := os.Getenv("TWINWAY_TARGET"); url != "" {
		return url
	}
	g := gatewaytest.Start(t, gatewaytest.Snapshot(t, "../../config/samples"))
	return "ws://" + g.Address()
}

// requireNode skips the test where there is no Node, which only a developer's machine may lack.
func requireNode(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		_, err := exec.LookPath(tool)
		switch {
		case err == nil:
		case os.Getenv("CI") == "true":
			t.Fatalf("%s is needed: %v", tool, err)
		default:
			t.Skipf("NOT TESTED: the JavaScript client needs %s, which is not installed: %v", tool, err)
		}
	}
}

// run runs a command in this directory, with more variables in its environment, and shows what it prints. The limit is
// far above what it takes; it ends what would hang.
func run(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s:\n%s", name, out)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
