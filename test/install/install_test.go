package install

import (
	"encoding/json"
	"strings"
	"testing"
)

// The whole installation is taken by an API server, twice: the second time as
// an upgrade that changes nothing.
func TestInstall(t *testing.T) {
	mustKubectl(t, "apply", "--server-side", "-k", "config/default")
	before := mustKubectl(t, "-n", "twinway-system", "get", "deployment", "twinway-operator", "-o", "jsonpath={.metadata.generation}")
	mustKubectl(t, "apply", "--server-side", "-k", "config/default")
	after := mustKubectl(t, "-n", "twinway-system", "get", "deployment", "twinway-operator", "-o", "jsonpath={.metadata.generation}")
	if before != after {
		t.Errorf("the second time the operator's Deployment has the generation %s, before it had %s", after, before)
	}
}

func TestInstallForOneNamespace(t *testing.T) {
	text := mustKubectl(t, "kustomize", "config/namespaced")
	ensureNamespace(t, "twins")
	if _, failed := kubectl(t, []byte(text), "apply", "--server-side", "-f", "-"); failed != "" {
		t.Fatal(failed)
	}
	if strings.Contains(text, "kind: Cluster") {
		t.Error("it takes rights in the cluster as a whole")
	}
}

// A namespace that enforces the profile "restricted" admits the operator's pod.
func TestPodSecurityAdmitsTheOperator(t *testing.T) {
	mustKubectl(t, "apply", "--server-side", "-k", "config/default")
	level := mustKubectl(t, "get", "namespace", "twinway-system", "-o", `jsonpath={.metadata.labels.pod-security\.kubernetes\.io/enforce}`)
	if level != "restricted" {
		t.Fatalf("the namespace enforces %q", level)
	}
	pod := operatorPod(t)
	if _, failed := kubectl(t, encode(t, pod), "create", "--dry-run=server", "-f", "-"); failed != "" {
		t.Error(failed)
	}
	// The API server would say so.
	spec, _ := pod["spec"].(map[string]any)
	delete(spec, "securityContext")
	if _, failed := kubectl(t, encode(t, pod), "create", "--dry-run=server", "-f", "-"); !strings.Contains(failed, "violates PodSecurity") {
		t.Errorf("a pod that may be root: %q", failed)
	}
}

// operatorPod returns a pod as the operator's Deployment makes it.
func operatorPod(t *testing.T) map[string]any {
	t.Helper()
	var template map[string]any
	text := mustKubectl(t, "-n", "twinway-system", "get", "deployment", "twinway-operator", "-o", "jsonpath={.spec.template}")
	if err := json.Unmarshal([]byte(text), &template); err != nil {
		t.Fatal(err)
	}
	template["apiVersion"], template["kind"] = "v1", "Pod"
	metadata, _ := template["metadata"].(map[string]any)
	metadata["name"], metadata["namespace"] = "operator-as-a-pod", "twinway-system"
	return template
}

func encode(t *testing.T, object map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func ensureNamespace(t *testing.T, name string) {
	t.Helper()
	if _, failed := kubectl(t, nil, "create", "namespace", name); failed != "" && !strings.Contains(failed, "AlreadyExists") {
		t.Fatal(failed)
	}
}
