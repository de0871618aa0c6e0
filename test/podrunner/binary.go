package podrunner

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/controlplane"
)

// Binary returns the twinway binary of this tree, which is built once for a
// test binary.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var binary = sync.OnceValues(func() (string, error) {
	root, err := controlplane.Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(apiserver.Dir(), "twinway")
	build := exec.Command("go", "build", "-o", path, "./cmd/twinway")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build twinway: %w\n%s", err, out)
	}
	return path, nil
})
