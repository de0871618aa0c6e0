package packaging

import (
	"strings"
	"testing"
)

// Values that are wrong are refused, and the message names the value and what is
// wrong with it.
func TestWrongValuesAreRefused(t *testing.T) {
	for _, test := range []struct {
		set  string
		says []string
	}{
		{"replica=2", []string{"additional properties", "'replica'"}},
		{"image.name=x", []string{"/image", "additional properties", "'name'"}},
		{"replicas=two", []string{"/replicas", "got string, want integer"}},
		{"replicas=-1", []string{"/replicas", "minimum: got -1, want 0"}},
		{"replicas=6", []string{"/replicas", "maximum: got 6, want 5"}},
		{"image.pullPolicy=Sometimes", []string{"/image/pullPolicy", "must be one of 'Always', 'IfNotPresent', 'Never'"}},
		{"image.repository=", []string{"/image/repository", "minLength"}},
		{"image.repository=a/b:1", []string{"/image/repository", "does not match pattern"}},
		{"image.digest=sha256:abc", []string{"/image/digest", "does not match pattern"}},
		{"watchNamespaces=a", []string{"/watchNamespaces", "got string, want array"}},
		{"watchNamespaces={Twins}", []string{"/watchNamespaces/0", "does not match pattern"}},
		{"watchNamespaces={a,a}", []string{"/watchNamespaces", "items at 0 and 1 are equal"}},
		{"metrics.mode=On", []string{"/metrics/mode", "must be one of 'Auto', 'Enabled', 'Disabled'"}},
		{"metrics.serviceMonitor.interval=often", []string{"/metrics/serviceMonitor/interval", "does not match pattern"}},
		{"logging.level=verbose", []string{"/logging/level", "must be one of 'debug', 'info', 'warn', 'error'"}},
		{"crds.keep=yes", []string{"/crds/keep", "got string, want boolean"}},
		{"serviceAccount.create=false", []string{"/serviceAccount/name", "minLength"}},
		{"resources.limits.memory=much", []string{"/resources/limits/memory", "does not match pattern"}},
		{"goMemoryLimit=115Mi", []string{"/goMemoryLimit", "does not match pattern"}},
		{`podLabels.app\.kubernetes\.io/name=x`, []string{"invalid propertyName 'app.kubernetes.io/name'"}},
		{"tolerations[0].effect=Never", []string{"/tolerations/0/effect", "must be one of"}},
	} {
		t.Run(test.set, func(t *testing.T) {
			_, failed := run(t, "helm", "template", "twinway", "charts/twinway", "--set", test.set)
			if failed == "" {
				t.Fatal("accepted")
			}
			for _, text := range test.says {
				if !strings.Contains(failed, text) {
					t.Errorf("says\n%s\nwithout %q", failed, text)
				}
			}
		})
	}
}

func TestChartPassesHelmsOwnChecks(t *testing.T) {
	for _, values := range []string{"default", "namespaced", "everything"} {
		mustRun(t, "helm", "lint", "--strict", "charts/twinway", "--values", "test/packaging/testdata/chart/"+values+".values.yaml")
	}
}
