package scale

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/process"
)

// operator is a running operator.
type operator struct {
	t       *testing.T
	address netip.Addr
	process *process.Process
	log     *process.Tail
}

// shutdown is how long an operator has for ending, as its Deployment says.
const shutdown = 30 * time.Second

// start runs an operator at an address of its own, until stop or the end of the
// test.
func (d deployment) start(t *testing.T, host byte) *operator {
	t.Helper()
	o := &operator{t: t, address: apiserver.Address(host), log: &process.Tail{}}
	args := []string{}
	for _, arg := range d.args {
		args = append(args, strings.Replace(arg, "address=:", "address="+o.address.String()+":", 1))
	}
	args = append(args, "--kubeconfig", kubeconfig(t))
	env := append([]string{"POD_NAMESPACE=" + operatorNamespace, "HOME=" + t.TempDir()}, d.env...)
	var err error
	o.process, err = process.Start(process.Command{Path: binary(t), Args: args, Env: env, Output: o.log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.process.Kill()
		if t.Failed() {
			text := o.log.String()
			t.Logf("the operator said at last:\n%s", text[max(0, len(text)-5000):])
		}
	})
	return o
}

// stop ends the operator in order.
func (o *operator) stop() { o.process.Stop(shutdown) }

// signal sends a signal that ends the operator, and does not wait for that.
func (o *operator) signal(s syscall.Signal) {
	o.t.Helper()
	if err := o.process.Signal(s); err != nil {
		o.t.Fatal(err)
	}
}

// mustRun fails the test when the operator has ended.
func (o *operator) mustRun() {
	o.t.Helper()
	if state := o.process.State(); state != nil {
		o.t.Fatalf("the operator has ended: %s", state)
	}
}

// kubeconfig returns a file with which the operator's service account reaches
// the API server. Its requests are held to priority and fairness as those of any
// service account are.
func kubeconfig(t *testing.T) string {
	t.Helper()
	rest := apiserver.ConfigFor(t, "system:serviceaccount:"+operatorNamespace+":"+operatorName,
		"system:serviceaccounts", "system:serviceaccounts:"+operatorNamespace, "system:authenticated")
	config := clientcmdapi.NewConfig()
	config.Clusters["scale"] = &clientcmdapi.Cluster{Server: rest.Host, CertificateAuthorityData: rest.CAData}
	config.AuthInfos["operator"] = &clientcmdapi.AuthInfo{ClientCertificateData: rest.CertData, ClientKeyData: rest.KeyData}
	config.Contexts["scale"] = &clientcmdapi.Context{Cluster: "scale", AuthInfo: "operator"}
	config.CurrentContext = "scale"
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// binary returns the program that is measured, built as for the image.
func binary(t *testing.T) string {
	t.Helper()
	if *program != "" {
		return *program
	}
	file, err := built(root(t))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var (
	buildOnce sync.Once
	buildErr  error
)

func built(root string) (string, error) {
	file := filepath.Join(apiserver.Dir(), "twinway")
	buildOnce.Do(func() {
		command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "./cmd/twinway")
		command.Dir = root
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			buildErr = fmt.Errorf("build: %w: %s", err, out)
		}
	})
	return file, buildErr
}
