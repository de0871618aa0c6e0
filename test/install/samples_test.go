package install

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/snapshot/compile"
	"github.com/twinway/twinway/test/apiserver"
)

// Every sample is taken by the API server as it is.
func TestSamplesAreAccepted(t *testing.T) {
	for _, folder := range folders(t, "config/samples") {
		t.Run(folder, func(t *testing.T) {
			text := mustKubectl(t, "kustomize", folder)
			namespace := apiserver.Namespace(t)
			// Those of a fleet name their namespace.
			text = replaceNamespace(text, namespace)
			if _, failed := kubectl(t, []byte(text), "apply", "--server-side", "--namespace", namespace, "-f", "-"); failed != "" {
				t.Error(failed)
			}
		})
	}
}

func replaceNamespace(text, namespace string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  namespace: ") {
			line = "  namespace: " + namespace + "\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

// Every sample compiles: everything that is referenced is there and fits.
func TestSamplesCompile(t *testing.T) {
	for _, folder := range folders(t, "config/samples") {
		if strings.HasSuffix(folder, "/base") {
			continue // its secrets come with the sites
		}
		t.Run(folder, func(t *testing.T) {
			dir := t.TempDir()
			for i, document := range strings.Split(mustKubectl(t, "kustomize", folder), "\n---\n") {
				if strings.Contains("\n"+document, "\nkind: Ingress\n") {
					continue // not for gateways
				}
				name := filepath.Join(dir, string(rune('a'+i))+".yaml")
				if err := os.WriteFile(name, []byte(document), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			objects, findings := manifest.Load(dir)
			compiled, more := compile.Compile(objects)
			for _, finding := range append(findings, more...) {
				t.Log(finding)
			}
			if compiled == nil || findings.HasErrors() || more.HasErrors() {
				t.Error("it does not compile")
			}
		})
	}
}

// What the documentation says runs without a cluster.
func TestSamplesRunFromTheirFolders(t *testing.T) {
	for _, folder := range []string{
		"config/samples", "config/samples/oidc", "config/samples/edge",
		"config/samples/mqtt", "config/samples/kafka", "config/samples/nats", "config/samples/httppush",
	} {
		objects, findings := manifest.Load(filepath.Join(root, folder))
		compiled, more := compile.Compile(objects)
		if compiled == nil || findings.HasErrors() || more.HasErrors() {
			t.Errorf("%s: %v %v", folder, findings, more)
		}
	}
}
