package cluster

import (
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/test/loopback"
	"github.com/twinway/twinway/test/podrunner"
	"github.com/twinway/twinway/test/process"
)

// processes is a machine without containers.
type processes struct {
	cluster *Cluster
	binary  string
	block   *loopback.Block

	log    process.Tail
	runner *podrunner.Runner

	mu       sync.Mutex // KillOperator and the one that starts it again
	operator *process.Process
}

// Prepare has nothing to do: volumes are folders.
func (p *processes) Prepare(testing.TB) {}

// RunOperator runs the operator as the user that its service account is, so that
// its rights are those that were installed.
func (p *processes) RunOperator(t testing.TB) {
	t.Helper()
	p.cluster.Kubectl(t, "--namespace", operatorNamespace, "scale", "deployment", operatorName, "--replicas=0")
	p.start(t)
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.operator.Stop(30 * time.Second)
	})
}

func (p *processes) start(t testing.TB) {
	t.Helper()
	config, err := p.cluster.plane.Kubeconfig("system:serviceaccount:"+operatorNamespace+":"+operatorName, "system:serviceaccounts")
	if err != nil {
		t.Fatal(err)
	}
	own := func(port int) string { return net.JoinHostPort(p.block.Address(1).String(), fmt.Sprint(port)) }
	operator, err := process.Start(process.Command{Path: p.binary, Output: &p.log, Args: []string{
		"operator", "--kubeconfig=" + config, "--namespace=" + operatorNamespace, "--gateway-image=" + Image,
		"--leader-elect", "--metrics-address=" + own(8443), "--probe-address=" + own(8081), "--log-format=json",
	}})
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.operator = operator
}

// RunGateways runs them as processes.
func (p *processes) RunGateways(t testing.TB, namespace string) {
	t.Helper()
	p.runner = podrunner.Start(t, podrunner.Options{
		Namespace: namespace, Config: p.cluster.Config, Binary: p.binary, Address: p.block.Address,
	})
}

// Clients returns the address of the pod: Services lead nowhere.
func (p *processes) Clients(t testing.TB, _, gateway string) string {
	t.Helper()
	return p.runner.Address(t, gateway+"-0", "clients")
}

// KillOperator kills the process and starts another.
func (p *processes) KillOperator(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	p.operator.Kill()
	p.mu.Unlock()
	p.start(t)
}

// KillGateway kills the pod's process.
func (p *processes) KillGateway(t testing.TB, pod string) {
	t.Helper()
	p.runner.Kill(t, pod, syscall.SIGKILL)
}

// OperatorLog returns what all processes have said.
func (p *processes) OperatorLog(testing.TB) string { return p.log.String() }
