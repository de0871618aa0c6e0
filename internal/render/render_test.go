package render_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

var update = flag.Bool("update", false, "write the golden files")

// Each folder of testdata holds a Gateway and what becomes of it.
func TestGolden(t *testing.T) {
	for _, name := range cases(t) {
		t.Run(name, func(t *testing.T) {
			result := mustRender(t, input(t, name))
			got, err := render.YAML(result.Objects, true)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name, "want.yaml")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("rendered (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	for _, name := range cases(t) {
		first, second := render1(t, input(t, name)), render1(t, input(t, name))
		if !bytes.Equal(first, second) {
			t.Errorf("%s differs from one time to the next", name)
		}
	}
}

// Rendering twice, what is there already, and from a Gateway that is rendered
// elsewhere at the same time.
func TestInputIsNotChanged(t *testing.T) {
	in := input(t, "everything")
	in.Live = live(t, mustRender(t, in))
	before, after := in.Gateway.DeepCopy(), in.Live.DeepCopy()
	mustRender(t, in)
	if diff := cmp.Diff(before, in.Gateway); diff != "" {
		t.Errorf("the Gateway (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(after, in.Live); diff != "" {
		t.Errorf("the StatefulSet (-before +after):\n%s", diff)
	}
}

func TestObjectsAreIdentified(t *testing.T) {
	for _, name := range cases(t) {
		objects := mustRender(t, input(t, name)).Objects
		for _, object := range objects {
			if !slices.Contains(render.Kinds(), object.GVK) {
				t.Errorf("%s: %s is not among the kinds", name, object.GVK)
			}
			var fields struct {
				APIVersion, Kind string
				Metadata         struct {
					Namespace, Name     string
					Labels, Annotations map[string]string
				}
			}
			mustConvert(t, object.Config, &fields)
			apiVersion, kind := object.GVK.ToAPIVersionAndKind()
			if fields.APIVersion != apiVersion || fields.Kind != kind || fields.Metadata.Namespace != object.Namespace || fields.Metadata.Name != object.Name {
				t.Errorf("%s: %+v is given as %+v", name, fields, object)
			}
			if diff := cmp.Diff(render.Labels("demo"), pick(fields.Metadata.Labels, render.Labels("demo"))); diff != "" {
				t.Errorf("%s: labels of %s (-want +got):\n%s", name, kind, diff)
			}
			if len(fields.Metadata.Annotations[render.AnnotationRendered]) != 64 {
				t.Errorf("%s: %s has no hash", name, kind)
			}
		}
		if last := objects[len(objects)-1]; last.GVK.Kind != "StatefulSet" {
			t.Errorf("%s: the last object is a %s", name, last.GVK.Kind)
		}
	}
}

// A change of a Secret must be told from its annotation.
func TestRenderedHashFollowsContent(t *testing.T) {
	in := input(t, "minimal")
	hashes := renderedHashes(t, in)
	in.Snapshot = []byte(`{"version":2}`)
	changed := map[string]bool{}
	for name, hash := range renderedHashes(t, in) {
		if hashes[name] != hash {
			changed[name] = true
		}
	}
	if diff := cmp.Diff(map[string]bool{"Secret demo-snapshot": true}, changed); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
}

func TestSecretsAreRedacted(t *testing.T) {
	in := input(t, "minimal")
	objects := mustRender(t, in).Objects
	shown, err := render.YAML(objects, true)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := render.YAML(objects, false)
	if err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string][]byte{"snapshot": in.Snapshot, "key": in.Management.Key} {
		encoded, _ := json.Marshal(secret)
		text := strings.Trim(string(encoded), `"`)
		if strings.Contains(string(shown), text) || strings.Contains(string(shown), string(secret)) {
			t.Errorf("the %s is shown", what)
		}
		if !strings.Contains(string(whole), text) {
			t.Errorf("the %s is not in the whole output", what)
		}
	}
}

func TestIncompleteInput(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*render.Input)
		says   string
	}{
		"no Gateway":            {func(in *render.Input) { in.Gateway = nil }, "a Gateway"},
		"no uid":                {func(in *render.Input) { in.Gateway.UID = "" }, "uid"},
		"no snapshot":           {func(in *render.Input) { in.Snapshot = nil }, "snapshot"},
		"no key":                {func(in *render.Input) { in.Management.Key = nil }, "certificates"},
		"no image":              {func(in *render.Input) { in.Settings.Image = "" }, "image"},
		"no operator namespace": {func(in *render.Input) { in.Settings.OperatorNamespace = "" }, "operator"},
		"no operator labels":    {func(in *render.Input) { in.Settings.OperatorLabels = nil }, "operator"},
		"drain": {func(in *render.Input) {
			in.Gateway.Spec.Drain = &v1alpha1.Drain{Budget: new(v1alpha1.Duration("soon"))}
		}, "spec.drain"},
		"template too large": {func(in *render.Input) {
			annotations := map[string]v1alpha1.AnnotationValue{}
			for i := range 32 {
				annotations[strings.Repeat("x", i+1)] = v1alpha1.AnnotationValue(strings.Repeat(`"`, 4096))
			}
			in.Gateway.Spec.Workload = &v1alpha1.Workload{Pod: &v1alpha1.PodOverrides{Annotations: annotations}}
		}, "spec.workload.pod"},
	} {
		t.Run(name, func(t *testing.T) {
			in := input(t, "minimal")
			test.change(&in)
			_, err := render.Gateway(in)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want one that says %q", err, test.says)
			}
		})
	}
}

// cases returns the folders of testdata.
func cases(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("testdata")
	if err != nil || len(entries) == 0 {
		t.Fatal("no cases", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// gateway returns the Gateway of a case.
func gateway(t *testing.T, name string) *v1alpha1.Gateway {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name, "gateway.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	g := new(v1alpha1.Gateway)
	if err := yaml.UnmarshalStrict(data, g); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return g
}

func input(t *testing.T, name string) render.Input {
	t.Helper()
	return render.Input{
		Gateway:    gateway(t, name),
		Snapshot:   []byte(`{"version":1}`),
		Management: render.Certificates{CA: []byte("the authority"), Certificate: []byte("the certificate"), Key: []byte("the key")},
		Settings: render.Settings{
			Image: "registry.example.com/twinway:1", PodMonitor: true,
			OperatorNamespace: "twinway-system",
			OperatorLabels:    map[string]string{render.LabelName: "twinway", render.LabelComponent: "operator"},
		},
	}
}

func mustRender(t *testing.T, in render.Input) render.Result {
	t.Helper()
	result, err := render.Gateway(in)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// render1 returns everything that is rendered, secrets included.
func render1(t *testing.T, in render.Input) []byte {
	t.Helper()
	out, err := render.YAML(mustRender(t, in).Objects, false)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// statefulSet returns the StatefulSet of a result as an API server would read it.
func statefulSet(t *testing.T, result render.Result) *appsv1.StatefulSet {
	t.Helper()
	set := new(appsv1.StatefulSet)
	mustConvert(t, result.Objects[len(result.Objects)-1].Config, set)
	return set
}

// live returns the StatefulSet of a result as it is in a cluster: with fields
// that others have filled in.
func live(t *testing.T, result render.Result) *appsv1.StatefulSet {
	t.Helper()
	set := statefulSet(t, result)
	set.Spec.Template.Spec.SchedulerName = "default-scheduler"
	set.Spec.Template.Labels["injected"] = "true"
	return set
}

func renderedHashes(t *testing.T, in render.Input) map[string]string {
	t.Helper()
	hashes := map[string]string{}
	for _, object := range mustRender(t, in).Objects {
		var fields struct {
			Metadata struct{ Annotations map[string]string }
		}
		mustConvert(t, object.Config, &fields)
		hashes[object.GVK.Kind+" "+object.Name] = fields.Metadata.Annotations[render.AnnotationRendered]
	}
	return hashes
}

// mustConvert reads one type as another that has the same JSON.
func mustConvert(t *testing.T, from, to any) {
	t.Helper()
	data, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// pick returns what m has under the keys of like.
func pick(m, like map[string]string) map[string]string {
	out := map[string]string{}
	for key := range like {
		if value, ok := m[key]; ok {
			out[key] = value
		}
	}
	return out
}
