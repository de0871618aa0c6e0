package render_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/internal/render"
)

const (
	firstImage  = "registry.example.com/twinway:1"
	secondImage = "registry.example.com/twinway:2"
)

// Each change of a spec that replaces pods, and what is said about it. The
// Gateway before it is the minimal one with the fields of before.
func TestRestart(t *testing.T) {
	for name, test := range map[string]struct {
		before, after string
		restart       []render.RestartReason
	}{
		"nothing":                    {"{}", "{}", nil},
		"users":                      {"{}", "authentication: {basic: {usersSecretRef: {name: others}}}", nil},
		"limits":                     {"{}", "limits: {thing: {maxSize: 4096}}", nil},
		"replicas":                   {"{}", "replicas: 0", nil},
		"service":                    {"{}", "service: {type: LoadBalancer, port: 443}", nil},
		"size of the volume":         {"{}", "storage: {volume: {size: 20Gi}}", nil},
		"retention":                  {"{}", "storage: {volume: {retention: Delete}}", nil},
		"history":                    {"{}", "storage: {history: {maxRecords: 5}}", nil},
		"certificate":                {"listener: {port: 8080, tls: {certificateRef: {name: a}}}", "listener: {port: 8080, tls: {certificateRef: {name: b}}}", nil},
		"defaults written out":       {"{}", "{drain: {minDelay: 5s, budget: 30s}, storage: {cacheSize: 64Mi, type: Embedded}, workload: {resources: {requests: {cpu: 0.1, memory: 128Mi}, limits: {memory: 0.5Gi}}}}", nil},
		"the index in another order": {"search: {index: {fields: [attributes, policyId]}}", "search: {index: {fields: [policyId, attributes]}}", nil},
		"the same in other words": {
			"{drain: {minDelay: 60s}, workload: {resources: {limits: {cpu: 1, memory: '1073741824'}}}}",
			"{drain: {minDelay: 1m}, workload: {pod: {}, resources: {limits: {cpu: 1000m, memory: 1024Mi}}}}", nil,
		},
		"image":       {"{}", "workload: {image: example.com/own}", []render.RestartReason{render.ReasonImageChanged}},
		"memory":      {"{}", "workload: {resources: {limits: {memory: 1Gi}}}", []render.RestartReason{render.ReasonResourcesChanged}},
		"port":        {"{}", "listener: {port: 8090}", []render.RestartReason{render.ReasonListenerChanged}},
		"admin port":  {"{}", "listener: {port: 8081}", []render.RestartReason{render.ReasonListenerChanged}},
		"low port":    {"{}", "listener: {port: 80}", []render.RestartReason{render.ReasonListenerChanged}},
		"TLS":         {"{}", "listener: {port: 8080, tls: {certificateRef: {name: a}}}", []render.RestartReason{render.ReasonListenerChanged}},
		"cache":       {"{}", "storage: {cacheSize: 128Mi}", []render.RestartReason{render.ReasonStorageChanged}},
		"volume":      {"{}", "storage: {volume: {type: Ephemeral}}", []render.RestartReason{render.ReasonStorageChanged}},
		"index":       {"{}", "search: {index: {fields: [attributes]}}", []render.RestartReason{render.ReasonIndexChanged}},
		"other index": {"search: {index: {fields: [attributes]}}", "search: {index: {fields: [attributes/a]}}", []render.RestartReason{render.ReasonIndexChanged}},
		"no index":    {"{}", "search: {index: {fields: []}}", []render.RestartReason{render.ReasonIndexChanged}},
		"all indexed": {"search: {index: {fields: []}}", "search: {}", []render.RestartReason{render.ReasonIndexChanged}},
		"drain":       {"{}", "drain: {budget: 1m}", []render.RestartReason{render.ReasonDrainChanged}},
		"label":       {"{}", "workload: {pod: {labels: {a: b}}}", []render.RestartReason{render.ReasonPodChanged}},
		"annotation":  {"{}", "workload: {pod: {annotations: {a: b}}}", []render.RestartReason{render.ReasonPodChanged}},
		"node":        {"{}", "workload: {pod: {nodeSelector: {a: b}}}", []render.RestartReason{render.ReasonPodChanged}},
		"pull secret": {"{}", "workload: {pod: {imagePullSecrets: [{name: a}]}}", []render.RestartReason{render.ReasonPodChanged}},
		"several": {
			"{}", "{listener: {port: 8090}, storage: {cacheSize: 1Gi}, drain: {budget: 1m}, workload: {image: x}}",
			[]render.RestartReason{render.ReasonImageChanged, render.ReasonListenerChanged, render.ReasonStorageChanged, render.ReasonDrainChanged},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := with(t, test.before)
			before := mustRender(t, in)
			in = with(t, test.after)
			in.Live = live(t, before)
			after := mustRender(t, in)
			if diff := cmp.Diff(test.restart, after.Restart); diff != "" {
				t.Errorf("restart (-want +got):\n%s", diff)
			}
			same := templateOf(t, before) == templateOf(t, after)
			if same != (len(test.restart) == 0) {
				t.Errorf("the templates are the same: %v; reasons: %v", same, after.Restart)
			}
		})
	}
}

// What an operator of another version does to pods that are there.
func TestUpgrade(t *testing.T) {
	const automatic = "workload: {updatePolicy: Automatic}"
	for name, test := range map[string]struct {
		before, after string
		live          func(*appsv1.StatefulSet)
		image         string
		restart       []render.RestartReason
		kept          bool // the template is that of the version before
	}{
		"manual":                  {"{}", "{}", older, firstImage, nil, true},
		"manual, live change":     {"{}", "limits: {thing: {maxSize: 4096}}", older, firstImage, nil, true},
		"manual, own image":       {"workload: {image: own}", "workload: {image: own}", older, "own", nil, true},
		"manual, back from own":   {"workload: {image: own}", "{}", same, firstImage, []render.RestartReason{render.ReasonImageChanged}, false},
		"manual, other inputs":    {"{}", "drain: {budget: 1m}", older, firstImage, []render.RestartReason{render.ReasonDrainChanged, render.ReasonTemplateChanged}, false},
		"manual, nothing to do":   {"{}", "{}", same, firstImage, nil, true},
		"automatic":               {automatic, automatic, older, secondImage, []render.RestartReason{render.ReasonImageChanged, render.ReasonTemplateChanged}, false},
		"automatic, image only":   {automatic, automatic, same, secondImage, []render.RestartReason{render.ReasonImageChanged}, false},
		"automatic, own image":    {"workload: {image: own, updatePolicy: Automatic}", "workload: {image: own, updatePolicy: Automatic}", same, "own", nil, false},
		"made automatic":          {"{}", automatic, older, secondImage, []render.RestartReason{render.ReasonImageChanged, render.ReasonTemplateChanged}, false},
		"made manual":             {automatic, "{}", older, firstImage, nil, true},
		"manual, no default":      {"{}", "{}", forgetImage, firstImage, nil, true},
		"manual, default changed": {"{}", "{}", changeImage, firstImage, nil, true},
		"nothing remembered":      {"{}", "{}", forget, secondImage, []render.RestartReason{render.ReasonTemplateChanged}, false},
		"remembered from a newer": {"{}", "{}", newer, firstImage, []render.RestartReason{render.ReasonTemplateChanged}, false},
		"remembered is no JSON":   {"{}", "{}", broken, firstImage, []render.RestartReason{render.ReasonTemplateChanged}, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := mustRender(t, with(t, test.before))
			in := with(t, test.after)
			in.Live = live(t, before)
			test.live(in.Live)
			in.Settings.Image = secondImage
			after := mustRender(t, in)
			if after.Image != test.image || imageOf(t, after) != test.image {
				t.Errorf("image %s, in the pods %s, want %s", after.Image, imageOf(t, after), test.image)
			}
			if diff := cmp.Diff(test.restart, after.Restart); diff != "" {
				t.Errorf("restart (-want +got):\n%s", diff)
			}
			kept := templateOf(t, after) == in.Live.Annotations[render.AnnotationPodTemplate]
			if kept != test.kept && test.restart != nil {
				t.Errorf("the template is kept: %v, want %v", kept, test.kept)
			}
			in.Live = live(t, after)
			if again := mustRender(t, in); again.Restart != nil || templateOf(t, again) != templateOf(t, after) {
				t.Errorf("the next time it is another template: %v", again.Restart)
			}
		})
	}
}

// A template that is kept is kept in every field, also those that this version
// would not render.
func TestKeptTemplateIsWhole(t *testing.T) {
	in := with(t, "{}")
	in.Live = live(t, mustRender(t, in))
	older(in.Live)
	set := statefulSet(t, mustRender(t, in))
	if period := set.Spec.Template.Spec.Containers[0].ReadinessProbe.PeriodSeconds; period != 7 {
		t.Errorf("the period of the readiness probe is %d", period)
	}
	if set.Spec.Template.Spec.SchedulerName != "" {
		t.Error("what others have set is taken for what was rendered")
	}
}

// Operators of all versions must find the same inputs in a spec, or their
// upgrades restart pods.
func TestInputsHoldForever(t *testing.T) {
	for name, want := range map[string]string{
		"minimal":    "3bcd7113cb7529e0277f703527b827722bd2e23905bd1fb1f84f6a600dfe4065",
		"everything": "97f1dd4f11aca52263f8e94f03e4224b2b1a610ef724580090ae10763c08e971",
	} {
		set := statefulSet(t, mustRender(t, input(t, name)))
		if got := set.Annotations[render.AnnotationTemplateInputs]; got != want {
			t.Errorf("%s has the inputs %s, had %s", name, got, want)
		}
	}
}

func same(*appsv1.StatefulSet) {}

// older makes the remembered template one of a version that probed otherwise.
func older(set *appsv1.StatefulSet) {
	rewrite(set, `"path":"/readyz","port":"admin"},"timeoutSeconds":2,"periodSeconds":2`, `"path":"/readyz","port":"admin"},"timeoutSeconds":2,"periodSeconds":7`)
}

// newer makes it one of a version that knows more fields.
func newer(set *appsv1.StatefulSet) { rewrite(set, `"spec":{`, `"spec":{"invented":true,`) }

func broken(set *appsv1.StatefulSet) { rewrite(set, `{`, `{{`) }

func forget(set *appsv1.StatefulSet) { set.Annotations = nil }

func forgetImage(set *appsv1.StatefulSet) {
	delete(set.Annotations, render.AnnotationDefaultImage)
}

// changeImage is what somebody may do by hand.
func changeImage(set *appsv1.StatefulSet) {
	set.Annotations[render.AnnotationDefaultImage] = "other"
}

func rewrite(set *appsv1.StatefulSet, old, replacement string) {
	text := set.Annotations[render.AnnotationPodTemplate]
	if !strings.Contains(text, old) {
		panic("the template has no " + old + ": " + text)
	}
	set.Annotations[render.AnnotationPodTemplate] = strings.Replace(text, old, replacement, 1)
}

// with returns the input of the minimal Gateway with other fields of its spec.
func with(t *testing.T, spec string) render.Input {
	t.Helper()
	in := input(t, "minimal")
	if err := yaml.UnmarshalStrict([]byte(spec), &in.Gateway.Spec); err != nil {
		t.Fatal(err)
	}
	return in
}

// templateOf returns the pod template as it is rendered, which must be what is
// remembered.
func templateOf(t *testing.T, result render.Result) string {
	t.Helper()
	set := statefulSet(t, result)
	var config struct {
		Spec struct{ Template any }
	}
	mustConvert(t, result.Objects[len(result.Objects)-1].Config, &config)
	var remembered any
	if err := json.Unmarshal([]byte(set.Annotations[render.AnnotationPodTemplate]), &remembered); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Spec.Template, remembered); diff != "" {
		t.Fatalf("the template is remembered as (-rendered +remembered):\n%s", diff)
	}
	return set.Annotations[render.AnnotationPodTemplate]
}

func imageOf(t *testing.T, result render.Result) string {
	t.Helper()
	return statefulSet(t, result).Spec.Template.Spec.Containers[0].Image
}
