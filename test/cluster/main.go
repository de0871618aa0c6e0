package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/test/controlplane"
	"github.com/twinway/twinway/test/loopback"
)

// The environment variables by which make test-e2e, and the process outside of
// the namespaces, tell the test binary what to do.
const (
	envRun    = "TWINWAY_E2E"        // set: run the test; "processes": even where there could be a node
	envInside = "TWINWAY_E2E_INSIDE" // the folder: this is in the namespaces
	envCgroup = "TWINWAY_E2E_CGROUP" // the name of the control group
)

// needed are the programs of Kubernetes that a cluster is made of.
var needed = []string{"kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "kubectl", "kubelet", "kube-proxy"}

// Main runs the tests of the package in a cluster and ends the process.
func Main(m *testing.M) {
	if os.Getenv(envRun) == "" {
		fmt.Fprintln(os.Stderr, "\n*** LEFT OUT: the end-to-end test; it is run by: make test-e2e")
		os.Exit(0)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, m)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "the cluster for the end-to-end test:", err)
		code = 1
	}
	os.Exit(code)
}

func run(ctx context.Context, m *testing.M) (int, error) {
	if dir := os.Getenv(envInside); dir != "" {
		return inside(ctx, m, dir)
	}
	missing := missingForNode(ctx)
	if os.Getenv(envRun) == "processes" {
		missing = append(missing, "the wish")
	}
	if len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "\n*** NO REAL NODE: processes take the place of containers; for a node this machine lacks: %s\n\n",
			strings.Join(missing, ", "))
		return withProcesses(ctx, m)
	}
	return outside(ctx)
}

//go:embed namespaces.sh
var namespaces string

// outside prepares what needs the network of the machine, runs the test binary
// again in namespaces of its own, and removes what is left of them.
func outside(ctx context.Context) (int, error) {
	dir, err := os.MkdirTemp("", "twinway-e2e-")
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := prepare(ctx, dir); err != nil {
		return 0, err
	}
	fmt.Fprintf(os.Stderr, "images built after %s\n", time.Since(began).Round(time.Millisecond))
	name := filepath.Base(dir)
	group, err := newCgroup(name)
	if err != nil {
		return 0, err
	}
	defer group.remove()
	args := append(append([]string{}, namespaceFlags...), "bash", "-c", namespaces, "namespaces.sh", dir)
	command := exec.CommandContext(ctx, "unshare", append(args, os.Args...)...)
	command.Env = append(os.Environ(), envInside+"="+dir, envCgroup+"="+name)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err = command.Run()
	if code := command.ProcessState.ExitCode(); code > 0 {
		fmt.Fprintln(os.Stderr, "what the programs of the cluster said is in", filepath.Join(dir, "logs"))
		return code, removeAll(dir, "logs")
	}
	return 0, errors.Join(err, os.RemoveAll(dir))
}

// removeAll removes what is in a folder, but for one entry.
func removeAll(dir, but string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() != but {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	return err
}

// prepare builds the images.
func prepare(ctx context.Context, dir string) error {
	root, err := controlplane.Root()
	if err != nil {
		return err
	}
	images := filepath.Join(dir, "images")
	if err := os.Mkdir(images, 0o700); err != nil {
		return err
	}
	for name, references := range map[string][]string{"pause": {pauseImage}, "twinway": {Image, OtherImage}} {
		packages := map[string]string{"pause": "./test/cluster/pause", "twinway": "./cmd/twinway"}
		program := filepath.Join(dir, name)
		if err := build(ctx, root, program, packages[name]); err != nil {
			return err
		}
		if err := writeImage(filepath.Join(images, name+".tar"), program, references...); err != nil {
			return err
		}
	}
	return nil
}

func build(ctx context.Context, root, program, pkg string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, pkg)
	command.Dir, command.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// inside runs the cluster and the tests. Nothing is stopped in order: it all
// ends with the namespaces.
func inside(ctx context.Context, m *testing.M, dir string) (int, error) {
	c, err := start(ctx, controlplane.Options{Dir: dir, Address: nodeAddress, Nodes: true})
	if err != nil {
		return 0, err
	}
	n := &node{cluster: c, dir: dir, cgroup: os.Getenv(envCgroup)}
	if err := n.start(ctx); err != nil {
		return 0, err
	}
	the, machine = c, n
	return m.Run(), nil
}

// withProcesses runs the tests with processes in place of containers.
func withProcesses(ctx context.Context, m *testing.M) (int, error) {
	block, err := loopback.Acquire()
	if err != nil {
		return 0, err
	}
	defer func() { _ = block.Close() }()
	dir, err := os.MkdirTemp("", "twinway-e2e-")
	if err != nil {
		return 0, err
	}
	c, err := start(ctx, controlplane.Options{Dir: dir, Address: block.Address(1), Controllers: controlplane.WithoutNodes})
	if err != nil {
		return 0, errors.Join(err, os.RemoveAll(dir))
	}
	end := sync.OnceValue(func() error {
		c.plane.Stop()
		return os.RemoveAll(dir)
	})
	// Tests cannot be interrupted by a signal, so the process ends with what
	// belongs to it. The return from here is no signal.
	defer context.AfterFunc(ctx, func() {
		_ = end()
		os.Exit(130)
	})()
	binary := filepath.Join(dir, "twinway")
	if err := build(ctx, c.root, binary, "./cmd/twinway"); err != nil {
		return 0, errors.Join(err, end())
	}
	the, machine = c, &processes{cluster: c, binary: binary, block: block}
	if code := m.Run(); code != 0 {
		fmt.Fprintln(os.Stderr, "what the programs of the cluster said is in", c.plane.Logs())
		c.plane.Stop()
		return code, nil
	}
	return 0, end()
}

// start runs the control plane.
func start(ctx context.Context, o controlplane.Options) (*Cluster, error) {
	var err error
	if o.Programs, err = controlplane.FindPrograms(needed...); err != nil {
		return nil, err
	}
	c := &Cluster{programs: o.Programs}
	if c.root, err = controlplane.Root(); err != nil {
		return nil, err
	}
	o.ControllerManager, o.Scheduler = true, true
	if c.plane, err = controlplane.Start(ctx, o); err != nil {
		return nil, err
	}
	if c.Config, err = c.plane.AdminConfig(); err == nil {
		c.kubeconfig, err = c.plane.Kubeconfig("admin", "system:masters")
	}
	if err != nil {
		c.plane.Stop()
		return nil, err
	}
	return c, nil
}
