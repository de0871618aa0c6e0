package install

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/controlplane"
)

// root is the top of the source tree.
const root = "../.."

// guard is how long something may take before it counts as never.
const guard = 90 * time.Second

func TestMain(m *testing.M) { apiserver.Main(m, apiserver.Options{ControllerManager: true}) }

// kubectl runs kubectl in the top of the tree as somebody who may do everything.
func kubectl(t *testing.T, input []byte, args ...string) (out string, failed string) {
	t.Helper()
	programs, err := controlplane.FindPrograms("kubectl")
	if err != nil {
		without(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	defer cancel()
	command := exec.CommandContext(ctx, programs.Path("kubectl"), append([]string{"--kubeconfig", apiserver.Kubeconfig(t)}, args...)...)
	command.Dir = root
	command.Env = append(os.Environ(), "HOME="+t.TempDir())
	command.Stdin = bytes.NewReader(input)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.String(), err.Error() + ": " + stderr.String()
	}
	return stdout.String(), ""
}

func mustKubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, failed := kubectl(t, nil, args...)
	if failed != "" {
		t.Fatalf("kubectl %s: %s", strings.Join(args, " "), failed)
	}
	return out
}

// without leaves the test out because something is missing, which is an error
// with CI=true.
func without(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip("*** LEFT OUT:", err)
}

// folders returns the folders below dir that have a kustomization.
func folders(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Name() == "kustomization.yaml" {
			relative, _ := filepath.Rel(root, filepath.Dir(path))
			list = append(list, relative)
		}
		return err
	})
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return list
}
