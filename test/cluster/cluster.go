package cluster

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/twinway/twinway/test/controlplane"
)

// Images that the node has.
const (
	pauseImage = "twinway.test/pause:1"
	// Image is this tree's binary.
	Image = "twinway.test/twinway:one"
	// OtherImage is the same by another name, for rollouts.
	OtherImage = "twinway.test/twinway:two"
)

// Cluster is the one that the tests run against.
type Cluster struct {
	// Config reaches it as somebody who may do everything.
	Config *rest.Config

	plane      *controlplane.ControlPlane
	programs   controlplane.Programs
	kubeconfig string
	root       string // of the source tree
}

// Machine is what differs between containers and processes.
type Machine interface {
	// Prepare makes what the cluster lacks, before anything is installed.
	Prepare(t testing.TB)
	// RunOperator makes the installed operator run; it returns at once.
	RunOperator(t testing.TB)
	// RunGateways makes the pods of gateways in a namespace run until the end of
	// the test.
	RunGateways(t testing.TB, namespace string)
	// Clients returns host:port for the clients of a Gateway.
	Clients(t testing.TB, namespace, gateway string) string
	// KillOperator ends the operator's process without notice. It comes back.
	KillOperator(t testing.TB)
	// KillGateway ends the process of the only gateway without notice. It comes
	// back.
	KillGateway(t testing.TB, pod string)
	// OperatorLog returns the end of what the operator said.
	OperatorLog(t testing.TB) string
}

// the and machine are set before tests run.
var (
	the     *Cluster
	machine Machine
)

// kubectlTimeout bounds one call.
const kubectlTimeout = 2 * time.Minute

// Kubectl runs kubectl in the root of the source tree and returns what it
// prints.
func (c *Cluster) Kubectl(t testing.TB, args ...string) string {
	t.Helper()
	return c.KubectlWith(t, "", args...)
}

// KubectlWith runs kubectl with an input.
func (c *Cluster) KubectlWith(t testing.TB, input string, args ...string) string {
	t.Helper()
	out, err := c.tryKubectl(input, args...)
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (c *Cluster) tryKubectl(input string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), kubectlTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, c.programs.Path("kubectl"), append([]string{"--kubeconfig", c.kubeconfig}, args...)...)
	command.Dir = c.root
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	return string(out), err
}
