package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// volumes is how many claims there can be. There is nothing in the cluster that
// makes volumes for claims.
const volumes = 4

const volumeManifest = `apiVersion: v1
kind: PersistentVolume
metadata: {name: volume-%d}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  local: {path: %s}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]
---
`

// Prepare makes volumes on the node.
func (n *node) Prepare(t testing.TB) {
	t.Helper()
	var manifests strings.Builder
	for i := range volumes {
		path := filepath.Join(n.dir, "volumes", strconv.Itoa(i))
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&manifests, volumeManifest, i, path, nodeName)
	}
	n.cluster.KubectlWith(t, manifests.String(), "apply", "--filename", "-")
}

// RunOperator has nothing to do: the kubelet does it.
func (n *node) RunOperator(testing.TB) {}

// RunGateways has nothing to do: the kubelet does it.
func (n *node) RunGateways(testing.TB, string) {}

// Clients returns the address of the Gateway's Service.
func (n *node) Clients(t testing.TB, namespace, gateway string) string {
	t.Helper()
	address := n.cluster.Kubectl(t, "--namespace", namespace, "get", "service", gateway, "--output",
		"jsonpath={.spec.clusterIP}:{.spec.ports[?(@.name=='clients')].port}")
	return strings.TrimSpace(address)
}

// KillOperator kills the process; the kubelet starts it again.
func (n *node) KillOperator(t testing.TB) {
	t.Helper()
	killOnly(t, "operator")
}

// KillGateway kills the process; the kubelet starts it again.
func (n *node) KillGateway(t testing.TB, _ string) {
	t.Helper()
	killOnly(t, "gateway")
}

// killOnly kills the one process that runs a command of the binary. Only the
// processes of the cluster can be seen here.
func killOnly(t testing.TB, command string) {
	t.Helper()
	found := processesOf("/twinway", command)
	if len(found) != 1 {
		t.Fatalf("there are %d processes of twinway %s", len(found), command)
	}
	if err := syscall.Kill(found[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// processesOf returns the ids of the processes whose command line starts so.
func processesOf(args ...string) []int {
	var found []int
	prefix := []byte(strings.Join(args, "\x00") + "\x00")
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil || !bytes.HasPrefix(line, prefix) {
			continue
		}
		if id, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			found = append(found, id)
		}
	}
	return found
}

// OperatorLog returns what the operator's containers, this and the last, said.
func (n *node) OperatorLog(testing.TB) string {
	args := []string{"--namespace", operatorNamespace, "logs", "deployment/" + operatorName, "--tail=200"}
	now, _ := n.cluster.tryKubectl("", args...)
	before, _ := n.cluster.tryKubectl("", append(args, "--previous")...)
	return before + now
}
