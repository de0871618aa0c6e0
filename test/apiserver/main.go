package apiserver

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/twinway/twinway/test/controlplane"
	"github.com/twinway/twinway/test/loopback"
)

// Options say what runs beside the API server.
type Options struct {
	// ControllerManager runs a kube-controller-manager: StatefulSets get pods,
	// what belongs to a deleted object is deleted, namespaces end.
	ControllerManager bool
	// Scheduler runs a kube-scheduler.
	Scheduler bool
}

// environment is the one of this test binary.
var environment *server

type server struct {
	plane  *controlplane.ControlPlane
	config *rest.Config
	block  *loopback.Block
	dir    string
	keep   bool // the logs, when a test has failed
	closed sync.Once
}

// Main runs the tests of a package against one API server and ends the process.
func Main(m *testing.M, o Options) {
	os.Exit(run(m, o))
}

func run(m *testing.M, o Options) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	programs, err := controlplane.FindPrograms(needed(o)...)
	if err != nil {
		return withoutPrograms(err)
	}
	s, err := start(ctx, programs, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the API server for the tests does not start:", err)
		return 1
	}
	defer s.close()
	// Tests cannot be interrupted by a signal, so the process ends with what
	// belongs to it. The end of run is no signal.
	defer context.AfterFunc(ctx, func() {
		s.close()
		os.Exit(130)
	})()
	environment = s
	code := m.Run()
	if s.keep = code != 0; s.keep {
		fmt.Fprintln(os.Stderr, "what the API server and the others said is in", s.plane.Logs())
	}
	return code
}

func needed(o Options) []string {
	programs := []string{"kube-apiserver", "etcd"}
	if o.ControllerManager {
		programs = append(programs, "kube-controller-manager")
	}
	if o.Scheduler {
		programs = append(programs, "kube-scheduler")
	}
	return programs
}

// withoutPrograms returns the exit code for a machine without the programs.
func withoutPrograms(err error) int {
	fmt.Fprintf(os.Stderr, "\n*** LEFT OUT: all tests of this package, which need an API server: %v\n\n", err)
	if os.Getenv("CI") == "true" {
		return 1
	}
	return 0
}

func start(ctx context.Context, programs controlplane.Programs, o Options) (s *server, err error) {
	s = &server{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.block, err = loopback.Acquire(); err != nil {
		return nil, err
	}
	// What a killed test binary left in the folder of this block is nobody's now.
	s.dir = filepath.Join(os.TempDir(), fmt.Sprintf("twinway-apiserver-%d-%s", os.Getuid(), s.block))
	if err := os.RemoveAll(s.dir); err != nil {
		return nil, err
	}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return nil, err
	}
	s.plane, err = controlplane.Start(ctx, controlplane.Options{
		Programs: programs, Dir: s.dir, Address: s.block.Address(1),
		ControllerManager: o.ControllerManager, Controllers: controlplane.WithoutNodes, Scheduler: o.Scheduler,
	})
	if err != nil {
		return nil, err
	}
	if s.config, err = s.plane.AdminConfig(); err != nil {
		return nil, err
	}
	return s, installDefinitions(ctx, s.config)
}

// close ends everything, once; a second caller waits for the first.
func (s *server) close() { s.closed.Do(s.end) }

func (s *server) end() {
	if s.plane != nil {
		s.plane.Stop()
	}
	if s.dir != "" && !s.keep {
		_ = os.RemoveAll(s.dir)
	}
	if s.block != nil {
		_ = s.block.Close()
	}
}
