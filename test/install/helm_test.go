package install

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twinway/twinway/test/apiserver"
)

// Installing, upgrading and uninstalling the chart. The definitions, and with
// them all gateways, outlive it.
func TestHelm(t *testing.T) {
	namespace := apiserver.Namespace(t)
	// The cluster has the definitions already, as one that was installed with
	// kustomize before.
	helm(t, "install", "twinway", "charts/twinway", "--namespace", namespace, "--take-ownership")
	mustKubectl(t, "-n", namespace, "apply", "--server-side", "-k", "config/samples")
	if !present(t, namespace, "deployment/twinway-operator", "role/twinway-operator-own", "networkpolicy/twinway-operator") {
		t.Error("the operator is not there")
	}
	helm(t, "upgrade", "twinway", "charts/twinway", "--namespace", namespace, "--set", "replicas=2")
	if replicas := mustKubectl(t, "-n", namespace, "get", "deployment", "twinway-operator", "-o", "jsonpath={.spec.replicas}"); replicas != "2" {
		t.Errorf("%s replicas", replicas)
	}
	if !present(t, namespace, "poddisruptionbudget/twinway-operator") {
		t.Error("two operators have no disruption budget")
	}
	helm(t, "uninstall", "twinway", "--namespace", namespace)
	if !absent(t, namespace, "deployment/twinway-operator", "serviceaccount/twinway-operator", "poddisruptionbudget/twinway-operator") {
		t.Error("the operator is still there")
	}
	if !present(t, namespace, "gateways.twinway.dev/demo") {
		t.Error("the Gateway is gone")
	}
	helm(t, "install", "twinway", "charts/twinway", "--namespace", namespace) // the definitions are its own
	helm(t, "uninstall", "twinway", "--namespace", namespace)
}

func helm(t *testing.T, args ...string) {
	t.Helper()
	program, err := filepath.Abs(filepath.Join(root, "bin/helm"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		without(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = root
	command.Env = append(os.Environ(), "KUBECONFIG="+apiserver.Kubeconfig(t),
		"HELM_CACHE_HOME="+t.TempDir(), "HELM_CONFIG_HOME="+t.TempDir(), "HELM_DATA_HOME="+t.TempDir())
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("helm %s: %v: %s", strings.Join(args, " "), err, out)
	}
}
