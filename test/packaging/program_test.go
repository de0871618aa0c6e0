package packaging

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// root is the top of the source tree.
const root = "../.."

func TestMain(m *testing.M) {
	flag.Parse()
	for _, program := range []string{"helm", "kustomize"} {
		if _, err := os.Stat(filepath.Join(root, "bin", program)); err != nil {
			fmt.Fprintf(os.Stderr, "*** %s is missing: run make test-packaging\n", program)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// run runs a program of bin in the top of the tree and returns what it prints;
// failed is what it says if it fails.
func run(t *testing.T, program string, args ...string) (out []byte, failed string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bin/"+program, args...)
	command.Dir = root
	// Nothing of the user's settings, plugins or repositories.
	command.Env = append(os.Environ(), "HELM_CACHE_HOME="+t.TempDir(), "HELM_CONFIG_HOME="+t.TempDir(), "HELM_DATA_HOME="+t.TempDir())
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Sprintf("%v: %s", err, strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), ""
}

func mustRun(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	out, failed := run(t, program, args...)
	if failed != "" {
		t.Fatalf("%s %s: %s", program, strings.Join(args, " "), failed)
	}
	return out
}

// template renders the chart as release "twinway" in namespace twinway-system.
func template(t *testing.T, args ...string) []byte {
	t.Helper()
	return mustRun(t, "helm", append([]string{"template", "twinway", "charts/twinway", "--namespace", "twinway-system"}, args...)...)
}
