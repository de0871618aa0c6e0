package cluster

import (
	"regexp"
	"strings"
	"testing"
)

// What config/default installs.
const (
	operatorNamespace = "twinway-system"
	operatorName      = "twinway-operator"
)

// published finds the image in the manifests: what the only container runs.
var published = regexp.MustCompile(`(?m)^\s+image: (\S+/\S+)$`)

// manifests returns what config/default comes to, with the image of this tree.
func (c *Cluster) manifests(t testing.TB) string {
	t.Helper()
	text := c.Kubectl(t, "kustomize", "config/default")
	found := published.FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("config/default names not one image that could be replaced, but %q", found)
	}
	return strings.ReplaceAll(text, found[0][1], Image) // also where it says what gateways run
}

// Install installs the operator as docs/install.md says.
func (c *Cluster) Install(t testing.TB) {
	t.Helper()
	c.KubectlWith(t, c.manifests(t), "apply", "--server-side", "--filename", "-")
}

// Uninstall removes what Install has installed, the custom resources included.
func (c *Cluster) Uninstall(t testing.TB) {
	t.Helper()
	c.KubectlWith(t, c.manifests(t), "delete", "--wait", "--timeout=90s", "--filename", "-")
}
