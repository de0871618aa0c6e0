package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// EnvPrograms names the environment variable with the folder of the programs.
// Without it they are looked for where tools/kube/build puts them.
const EnvPrograms = "KUBEBUILDER_ASSETS"

// Programs is a folder with programs of Kubernetes.
type Programs string

// Path returns the file of a program.
func (p Programs) Path(program string) string { return filepath.Join(string(p), program) }

// FindPrograms returns the folder that has all the programs named. It builds
// nothing: that takes minutes, and is a decision of who runs the tests.
func FindPrograms(programs ...string) (Programs, error) {
	folder := os.Getenv(EnvPrograms)
	if folder == "" {
		var err error
		if folder, err = builtPrograms(); err != nil {
			return "", err
		}
	}
	var missing []string
	for _, program := range programs {
		if _, err := os.Stat(filepath.Join(folder, program)); err != nil {
			missing = append(missing, program)
		}
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("%s has no %s; build with: tools/kube/build %s",
			folder, strings.Join(missing, ", "), strings.Join(programs, " "))
	}
	return Programs(folder), nil
}

// builtPrograms asks the build script, which builds nothing when no program is
// named.
var builtPrograms = sync.OnceValues(func() (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	build := exec.CommandContext(ctx, filepath.Join(root, "tools/kube/build"))
	build.Stderr = os.Stderr
	out, err := build.Output()
	if err != nil {
		return "", fmt.Errorf("tools/kube/build: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
})

// Root returns the root of the source tree that the working directory is in, as
// it is for tests.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "tools/kube/build")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("the working directory is not in the source tree")
		}
		dir = parent
	}
}
