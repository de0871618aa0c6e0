package packaging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

const customizations = root + "/config/argocd/resource_customizations/twinway.dev"

var kinds = []string{"Connection", "Gateway", "Subscription"}

// The files health_test.yaml and action_test.yaml have the form that Argo CD's
// own tests have, so that the folder could become part of Argo CD.
func TestArgoCDHealth(t *testing.T) {
	for _, kind := range kinds {
		dir := filepath.Join(customizations, kind)
		var suite struct {
			Tests []struct {
				HealthStatus map[string]any `json:"healthStatus"`
				InputPath    string         `json:"inputPath"`
			} `json:"tests"`
		}
		readYAML(t, filepath.Join(dir, "health_test.yaml"), &suite)
		if len(suite.Tests) == 0 {
			t.Errorf("%s has no tests", kind)
		}
		for _, test := range suite.Tests {
			t.Run(kind+"/"+test.InputPath, func(t *testing.T) {
				got := runLua(t, readText(t, filepath.Join(dir, "health.lua")), readObject(t, filepath.Join(dir, test.InputPath)))
				if diff := cmp.Diff(any(test.HealthStatus), got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestArgoCDHealthIsTheSameForAllKinds(t *testing.T) {
	script := readText(t, filepath.Join(customizations, "Gateway", "health.lua"))
	for _, kind := range kinds {
		if readText(t, filepath.Join(customizations, kind, "health.lua")) != script {
			t.Errorf("%s has a script of its own", kind)
		}
	}
}

func TestArgoCDActions(t *testing.T) {
	dir := filepath.Join(customizations, "Gateway", "actions")
	var suite struct {
		DiscoveryTests []struct {
			InputPath string `json:"inputPath"`
			Result    []struct {
				Name     string `json:"name"`
				Disabled bool   `json:"disabled"`
			} `json:"result"`
		} `json:"discoveryTests"`
		ActionTests []struct {
			Action             string `json:"action"`
			InputPath          string `json:"inputPath"`
			ExpectedOutputPath string `json:"expectedOutputPath"`
		} `json:"actionTests"`
	}
	readYAML(t, filepath.Join(dir, "action_test.yaml"), &suite)
	for _, test := range suite.DiscoveryTests {
		t.Run("discovery/"+test.InputPath, func(t *testing.T) {
			got := runLua(t, readText(t, filepath.Join(dir, "discovery.lua")), readObject(t, filepath.Join(dir, test.InputPath)))
			want := map[string]any{}
			for _, action := range test.Result {
				want[action.Name] = map[string]any{"disabled": action.Disabled}
			}
			if diff := cmp.Diff(any(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	tested := map[string]bool{}
	for _, test := range suite.ActionTests {
		tested[test.Action] = true
		t.Run(test.Action+"/"+test.InputPath, func(t *testing.T) {
			got := runLua(t, readText(t, filepath.Join(dir, test.Action, "action.lua")), readObject(t, filepath.Join(dir, test.InputPath)))
			if diff := cmp.Diff(any(map[string]any(readObject(t, filepath.Join(dir, test.ExpectedOutputPath)))), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, action := range actions(t) {
		if !tested[action] {
			t.Errorf("%s is not tested", action)
		}
	}
}

// actions returns the names of the Gateway's actions.
func actions(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(customizations, "Gateway", "actions", "*", "action.lua"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	return names
}

// argocd-cm.yaml holds the scripts for an Argo CD that does not come with them.
func TestArgoCDConfigMapHoldsTheScripts(t *testing.T) {
	data := map[string]string{}
	for _, kind := range kinds {
		data["resource.customizations.health.twinway.dev_"+kind] = readText(t, filepath.Join(customizations, kind, "health.lua"))
	}
	data["resource.customizations.actions.twinway.dev_Gateway"] = actionsText(t)
	file := root + "/config/argocd/argocd-cm.yaml"
	if *update {
		writeConfigMap(t, file, data)
	}
	var got struct {
		Data map[string]string `json:"data"`
	}
	if err := yaml.Unmarshal([]byte(readText(t, file)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(data, got.Data); diff != "" {
		t.Errorf("go test -update writes it anew: %s", diff)
	}
}

func actionsText(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(customizations, "Gateway", "actions")
	var text strings.Builder
	text.WriteString("discovery.lua: |\n" + indented(readText(t, filepath.Join(dir, "discovery.lua")), "  ") + "definitions:\n")
	for _, name := range actions(t) {
		text.WriteString("- name: " + name + "\n  action.lua: |\n" + indented(readText(t, filepath.Join(dir, name, "action.lua")), "    "))
	}
	return text.String()
}

func writeConfigMap(t *testing.T, file string, data map[string]string) {
	t.Helper()
	var text strings.Builder
	text.WriteString(`# What Argo CD is to know of Twinway, made of the scripts beside it:
#
#   kubectl apply --server-side -n argocd -f config/argocd/argocd-cm.yaml
#
# It adds its keys to the ConfigMap that is there and leaves the others alone.
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  labels:
    app.kubernetes.io/name: argocd-cm
    app.kubernetes.io/part-of: argocd
data:
`)
	keys := []string{"resource.customizations.actions.twinway.dev_Gateway"}
	for _, kind := range kinds {
		keys = append(keys, "resource.customizations.health.twinway.dev_"+kind)
	}
	for _, key := range keys {
		text.WriteString("  " + key + ": |\n" + indented(data[key], "    "))
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func indented(text, by string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			out.WriteString(by)
		}
		out.WriteString(line)
	}
	return out.String()
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(readText(t, file)), into, yaml.DisallowUnknownFields); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func readObject(t *testing.T, file string) object {
	t.Helper()
	var o object
	if err := yaml.UnmarshalStrict([]byte(readText(t, file)), &o); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return o
}
