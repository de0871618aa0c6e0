package operator_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/twinway/twinway/test/podrunner"
	"github.com/twinway/twinway/test/process"
)

// operatorProcess is an operator as it is deployed: a process that wants to be
// the leader.
type operatorProcess struct {
	*process.Process
	log *process.Tail
}

// run starts an operator as a process, until the end of the test.
func (w *world) run(name string) *operatorProcess {
	w.Helper()
	o := &operatorProcess{log: &process.Tail{}}
	var err error
	o.Process, err = process.Start(process.Command{
		Path: podrunner.Binary(w),
		Args: []string{
			"operator", "--namespace=" + w.namespace, "--gateway-image=" + image, "--watch-namespaces=" + w.namespace,
			"--leader-elect", "--metrics-address=0", "--probe-address=0", "--kubeconfig=" + w.kubeconfig(name),
		},
		Env:    []string{"HOME=" + w.TempDir(), "HOSTNAME=" + name},
		Output: o.log,
	})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		o.Kill()
		w.judge(name, o)
	})
	return o
}

// judge looks at what an operator has said.
func (w *world) judge(name string, o *operatorProcess) {
	said := o.log.String()
	for line := range strings.Lines(said) {
		if strings.Contains(line, "cannot ") && strings.Contains(line, "forbidden: User") {
			w.Errorf("a right is missing: %s", line)
		}
	}
	if w.Failed() {
		const shown = 16 << 10
		w.Logf("%s says at last:\n%s", name, said[max(0, len(said)-shown):])
	}
}

// kubeconfig writes a file with which an operator reaches the API server, with
// its own rights.
func (w *world) kubeconfig(name string) string {
	w.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["test"] = &clientcmdapi.Cluster{Server: w.operator.Host, CertificateAuthorityData: w.operator.CAData}
	config.AuthInfos["operator"] = &clientcmdapi.AuthInfo{
		ClientCertificateData: w.operator.CertData, ClientKeyData: w.operator.KeyData,
	}
	config.Contexts["test"] = &clientcmdapi.Context{Cluster: "test", AuthInfo: "operator"}
	config.CurrentContext = "test"
	file := filepath.Join(w.TempDir(), name+".kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		w.Fatal(err)
	}
	return file
}

// leader returns who has the lease, empty when nobody has.
func (w *world) leader() string {
	w.Helper()
	lease := &coordinationv1.Lease{ObjectMeta: w.named("twinway-operator")}
	if !w.exists(lease) || lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// kill ends the leader without notice.
func (w *world) kill(o *operatorProcess) {
	w.Helper()
	if err := o.Signal(syscall.SIGKILL); err != nil {
		w.Fatal(fmt.Errorf("kill the leader: %w", err))
	}
	<-o.Done()
}
