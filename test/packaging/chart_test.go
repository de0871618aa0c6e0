package packaging

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// What the chart renders, to be read. The definitions of the resources are left
// out; they are compared with their source elsewhere.
func TestChartRenders(t *testing.T) {
	for _, name := range []string{"default", "namespaced", "everything"} {
		t.Run(name, func(t *testing.T) {
			got := template(t, "--set", "crds.enabled=false", "--values", "test/packaging/testdata/chart/"+name+".values.yaml")
			golden := filepath.Join("testdata", "chart", name+".golden.yaml")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got, go test -update accepts it:\n%s", diff)
			}
		})
	}
}

func TestChartRendersTheSameAgain(t *testing.T) {
	values := []string{"--values", "test/packaging/testdata/chart/everything.values.yaml"}
	if !bytes.Equal(template(t, values...), template(t, values...)) {
		t.Error("a second rendering differs from the first")
	}
}

// Who installs with Helm and who installs with kustomize have the same.
func TestChartIsConfigDefault(t *testing.T) {
	chart := objects(t, template(t))
	config := without(objects(t, mustRun(t, "kustomize", "build", "config/default")), "Namespace")
	if diff := cmp.Diff(described(t, config), described(t, chart)); diff != "" {
		t.Errorf("-config/default +charts/twinway:\n%s", diff)
	}
}

func TestNamespacedChartIsConfigNamespaced(t *testing.T) {
	chart := objects(t, mustRun(t, "helm", "template", "twinway", "charts/twinway", "--namespace", "twins",
		"--set", "watchNamespaces={twins}", "--set", "crds.enabled=false"))
	config := objects(t, bytes.ReplaceAll(mustRun(t, "kustomize", "build", "config/namespaced"), []byte("$(POD_NAMESPACE)"), []byte("twins")))
	if diff := cmp.Diff(described(t, config), described(t, chart)); diff != "" {
		t.Errorf("-config/namespaced +charts/twinway:\n%s", diff)
	}
}

// described returns the objects as text by their ids, without the labels that
// only say who installed them and without the annotations that keep them.
func described(t *testing.T, list []object) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, o := range list {
		text, err := yaml.Marshal(unlabelled(o))
		if err != nil {
			t.Fatal(err)
		}
		texts[o.id()] = string(text)
	}
	return texts
}

// A namespaced installation needs nobody who may grant rights in the cluster as
// a whole.
func TestNamespacedInstallationsHaveRolesOnly(t *testing.T) {
	for name, text := range map[string][]byte{
		"chart":     template(t, "--set", "watchNamespaces={a,b}", "--set", "crds.enabled=false"),
		"kustomize": mustRun(t, "kustomize", "build", "config/namespaced"),
	} {
		for _, o := range objects(t, text) {
			if o.text("metadata", "namespace") == "" {
				t.Errorf("%s: %s belongs to no namespace", name, o.id())
			}
		}
	}
}

func TestRolesForEachWatchedNamespace(t *testing.T) {
	list := objects(t, template(t, "--set", "watchNamespaces={a,b}", "--set", "crds.enabled=false"))
	want := []string{
		"Role a/twinway-operator", "Role b/twinway-operator", "Role twinway-system/twinway-operator-own",
		"RoleBinding a/twinway-operator", "RoleBinding b/twinway-operator", "RoleBinding twinway-system/twinway-operator-own",
	}
	if diff := cmp.Diff(want, ids(only(list, "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"))); diff != "" {
		t.Error(diff)
	}
}

func TestDefinitionsStayUnlessToldOtherwise(t *testing.T) {
	for _, test := range []struct {
		set, policy, prune string
		count              int
	}{
		{"crds.keep=true", "keep", "Prune=false", 3},
		{"crds.keep=false", "", "", 3},
		{"crds.enabled=false", "", "", 0},
	} {
		list := only(objects(t, template(t, "--set", test.set)), "CustomResourceDefinition")
		if len(list) != test.count {
			t.Errorf("%s: %v", test.set, ids(list))
		}
		for _, o := range list {
			policy, prune := o.text("metadata", "annotations", "helm.sh/resource-policy"), o.text("metadata", "annotations", "argocd.argoproj.io/sync-options")
			if policy != test.policy || prune != test.prune {
				t.Errorf("%s: %s has the policies %q and %q", test.set, o.id(), policy, prune)
			}
		}
	}
}

// The chart must not depend on the cluster it is rendered for, nor on chance:
// what is rendered in Git is what is installed.
func TestChartNeitherLooksUpNorThrowsDice(t *testing.T) {
	files, err := filepath.Glob(root + "/charts/twinway/templates/*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"lookup", "rand", "uuidv4", "genCA", "genSelfSigned", "genSigned", "genPrivateKey", "now", "htpasswd", ".IsUpgrade", ".IsInstall", ".Capabilities"} {
			if strings.Contains(string(text), "{{") && containsWord(string(text), word) {
				t.Errorf("%s uses %s", file, word)
			}
		}
	}
}

// containsWord says whether a word occurs within the actions of a template.
func containsWord(text, word string) bool {
	for _, action := range strings.Split(text, "{{")[1:] {
		action, _, _ = strings.Cut(action, "}}")
		for _, field := range strings.FieldsFunc(action, func(r rune) bool { return strings.ContainsRune(" ()|\t\n-", r) }) {
			if strings.HasPrefix(field, word) && !strings.HasPrefix(action, "/*") && !strings.HasPrefix(action, "- /*") {
				return true
			}
		}
	}
	return false
}

func TestImageOfChartAndManifestsIsTheSame(t *testing.T) {
	chart := find(t, objects(t, template(t)), "Deployment", "twinway-operator")
	config := find(t, objects(t, mustRun(t, "kustomize", "build", "config/default")), "Deployment", "twinway-operator")
	for _, o := range []object{chart, config} {
		image, inherited := container(t, o)["image"], environment(t, o)["TWINWAY_IMAGE"]
		if image != inherited || image != "twinway/twinway:0.1.0" {
			t.Errorf("the operator runs %v, its gateways %v", image, inherited)
		}
	}
}

func TestGatewaysRunTheImageThatIsAskedFor(t *testing.T) {
	digest := "sha256:" + strings.Repeat("ab", 32)
	for _, test := range []struct{ set, image, gateways string }{
		{"image.tag=9.9.9", "twinway/twinway:9.9.9", "twinway/twinway:9.9.9"},
		{"image.tag=9.9.9,image.digest=" + digest, "twinway/twinway@" + digest, "twinway/twinway@" + digest},
		{"image.repository=registry.local:5000/a/b", "registry.local:5000/a/b:0.1.0", "registry.local:5000/a/b:0.1.0"},
		{"gatewayImage=other:1", "twinway/twinway:0.1.0", "other:1"},
	} {
		o := find(t, objects(t, template(t, "--set", test.set)), "Deployment", "twinway-operator")
		if image, gateways := container(t, o)["image"], environment(t, o)["TWINWAY_IMAGE"]; image != test.image || gateways != test.gateways {
			t.Errorf("%s: the operator runs %v, its gateways %v", test.set, image, gateways)
		}
	}
}

// container returns the only container of a Deployment.
func container(t *testing.T, deployment object) map[string]any {
	t.Helper()
	list, _ := deployment.at("spec", "template", "spec", "containers").([]any)
	if len(list) != 1 {
		t.Fatalf("%d containers", len(list))
	}
	only, _ := list[0].(map[string]any)
	return only
}

// environment returns the variables of the container that have a plain value.
func environment(t *testing.T, deployment object) map[string]any {
	t.Helper()
	variables := map[string]any{}
	list, _ := container(t, deployment)["env"].([]any)
	for _, entry := range list {
		variable, _ := entry.(map[string]any)
		name, _ := variable["name"].(string)
		variables[name] = variable["value"]
	}
	return variables
}

// What the chart has of config is copied by make chart.
func TestChartIsUpToDate(t *testing.T) {
	for copied, source := range map[string]string{
		"role.yaml": "config/rbac/role.yaml", "operator_namespace_role.yaml": "config/rbac/operator_namespace_role.yaml",
		"rules.yaml": "config/prometheus/rules.yaml", "dashboard.json": "config/grafana/dashboard.json",
		"crds/twinway.dev_connections.yaml":   "config/crd/bases/twinway.dev_connections.yaml",
		"crds/twinway.dev_gateways.yaml":      "config/crd/bases/twinway.dev_gateways.yaml",
		"crds/twinway.dev_subscriptions.yaml": "config/crd/bases/twinway.dev_subscriptions.yaml",
	} {
		got, err := os.ReadFile(filepath.Join(root, "charts/twinway/files", copied))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(root, source))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not %s: run make chart", copied, source)
		}
	}
}

// The values that are shown to people are the ones that the schema knows, and the
// other way round.
func TestEveryValueIsDocumentedAndChecked(t *testing.T) {
	var values, schema map[string]any
	for file, into := range map[string]*map[string]any{"values.yaml": &values, "values.schema.json": &schema} {
		text, err := os.ReadFile(filepath.Join(root, "charts/twinway", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			t.Fatal(err)
		}
	}
	compareValues(t, "", values, schema)
}

func compareValues(t *testing.T, path string, value any, schema map[string]any) {
	t.Helper()
	properties, _ := schema["properties"].(map[string]any)
	members, _ := value.(map[string]any)
	if properties == nil {
		return
	}
	if schema["additionalProperties"] != false {
		t.Errorf("%s: unknown values are not refused", path)
	}
	for name, property := range properties {
		if _, ok := members[name]; !ok && name != "global" && path != ".affinity" {
			t.Errorf("%s.%s is not in values.yaml", path, name)
		}
		inner, _ := property.(map[string]any)
		if path != ".resources" && path != ".affinity" && inner["description"] == nil {
			t.Errorf("%s.%s has no description", path, name)
		}
		compareValues(t, path+"."+name, members[name], inner)
	}
	for name := range members {
		if properties[name] == nil {
			t.Errorf("%s.%s is not in values.schema.json", path, name)
		}
	}
}
