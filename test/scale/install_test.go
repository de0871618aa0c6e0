package scale

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/controlplane"
)

// What config/default installs.
const (
	operatorNamespace = "twinway-system"
	operatorName      = "twinway-operator"
)

// deployment is how the operator is deployed.
type deployment struct{ args, env []string }

// install installs the operator as docs/install.md says, once for all tests, and
// returns how it is deployed.
func install(t *testing.T) deployment {
	t.Helper()
	kubectl(t, "apply", "--server-side", "-k", "config/default")
	var container struct {
		Args []string                       `json:"args"`
		Env  []struct{ Name, Value string } `json:"env"`
	}
	text := kubectl(t, "-n", operatorNamespace, "get", "deployment", operatorName, "-o", "jsonpath={.spec.template.spec.containers[0]}")
	if err := json.Unmarshal([]byte(text), &container); err != nil {
		t.Fatal(err)
	}
	d := deployment{args: container.Args}
	for _, variable := range container.Env {
		if variable.Value != "" {
			d.env = append(d.env, variable.Name+"="+variable.Value)
		}
	}
	if !strings.Contains(strings.Join(d.env, " "), "GOMEMLIMIT=") {
		t.Error("the Deployment sets no GOMEMLIMIT: memory is not what it would be")
	}
	return d
}

// kubectl runs kubectl in the root of the tree as somebody who may do everything.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	programs, err := controlplane.FindPrograms("kubectl")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, programs.Path("kubectl"), append([]string{"--kubeconfig", apiserver.Kubeconfig(t)}, args...)...)
	command.Dir = root(t)
	command.Env = append(os.Environ(), "HOME="+t.TempDir())
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		t.Fatalf("kubectl %s: %v: %s", strings.Join(args, " "), err, &errs)
	}
	return out.String()
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := controlplane.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
