package plugin_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/plugin"
	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/controlplane"
)

// kubectl finds the binary by its name and hands it everything behind
// "twinway".
func TestAsPluginOfKubectl(t *testing.T) {
	c := newCluster(t, plantYAML)
	k := newKubectl(c)

	if out := k.run(0, "status"); !strings.Contains(out, "Gateway "+c.namespace+"/demo  Not ready: Pending") {
		t.Errorf("status: %s", out)
	}
	if out := k.run(0, "status", "-A"); !strings.Contains(out, "Gateway "+c.namespace+"/demo  Not ready") {
		t.Errorf("status of all namespaces: %s", out)
	}
	var gateways []plugin.GatewayStatus
	if err := json.Unmarshal([]byte(k.run(0, "status", "demo", "-o", "json")), &gateways); err != nil || len(gateways) != 1 {
		t.Errorf("status in JSON: %v, %v", gateways, err)
	}
	if out := k.run(0, "connections"); strings.Count(out, "Connection "+c.namespace+"/") != 3 {
		t.Errorf("connections: %s", out)
	}
	if out := k.run(1, "diff", "demo"); !strings.Contains(out, "Secret for the pods     none") {
		t.Errorf("diff: %s", out)
	}
	if out := k.run(0, "drain", "demo"); !strings.Contains(out, "is to drain\n") {
		t.Errorf("drain: %s", out)
	}
	if out := k.run(0, "drain", "demo"); !strings.Contains(out, "is to drain, as before") {
		t.Errorf("drain again: %s", out)
	}
	k.run(1, "drain", "demo", "--wait", "--timeout", "1ms")
	k.run(0, "pause", "demo")
	var gateway v1alpha1.Gateway
	c.get("demo", &gateway)
	if gateway.Annotations[v1alpha1.AnnotationPaused] != "true" || gateway.Annotations[v1alpha1.AnnotationDrain] != "true" {
		t.Errorf("annotations: %v", gateway.Annotations)
	}
	k.run(0, "drain", "demo", "--undo")
	k.run(0, "pause", "demo", "--undo")
	gateway = v1alpha1.Gateway{}
	c.get("demo", &gateway)
	if len(gateway.Annotations) != 0 {
		t.Errorf("annotations: %v", gateway.Annotations)
	}
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	if out := k.run(0, "support-bundle", "demo", "-o", file); strings.TrimSpace(out) != file {
		t.Errorf("support-bundle: %s", out)
	}
	archive, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := unpack(t, archive, "twinway-"+c.namespace+"-demo/")
	if !strings.Contains(files["versions.yaml"], "cluster: v1.") {
		t.Errorf("versions: %s", files["versions.yaml"])
	}
	k.run(1, "status", "nobody")
	k.run(2, "stats")
}

// kubectl runs the plugin through kubectl.
type kubectl struct {
	*cluster
	program, path, config string
}

func newKubectl(c *cluster) kubectl {
	c.Helper()
	programs, err := controlplane.FindPrograms("kubectl")
	if err != nil {
		c.Skip("without kubectl:", err)
	}
	dir := c.TempDir()
	build := exec.CommandContext(c.ctx, "go", "build", "-o", filepath.Join(dir, "kubectl-twinway"), "../../cmd/twinway")
	if out, err := build.CombinedOutput(); err != nil {
		c.Fatalf("%v\n%s", err, out)
	}
	return kubectl{cluster: c, program: programs.Path("kubectl"), path: dir, config: apiserver.Kubeconfig(c)}
}

// run returns what the plugin prints; it must exit with a code.
func (k kubectl) run(code int, args ...string) string {
	k.Helper()
	ctx, cancel := context.WithTimeout(k.ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, k.program, slices.Concat([]string{"twinway"}, args, []string{"-n", k.namespace})...)
	command.Env = append(os.Environ(), "KUBECONFIG="+k.config, "PATH="+k.path+string(os.PathListSeparator)+os.Getenv("PATH"))
	var errs strings.Builder
	command.Stderr = &errs
	out, err := command.Output()
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		k.Fatal(err)
	}
	if got != code {
		k.Errorf("%v exits with %d, want %d:\n%s%s", args, got, code, out, errs.String())
	}
	return string(out)
}
