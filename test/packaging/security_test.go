package packaging

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// Namespaces that enforce the profile "restricted" admit the operator, however
// it is installed.
func TestOperatorIsRestricted(t *testing.T) {
	for name, text := range map[string][]byte{
		"config/default":    mustRun(t, "kustomize", "build", "config/default"),
		"config/namespaced": mustRun(t, "kustomize", "build", "config/namespaced"),
		"chart":             template(t),
		"everything":        template(t, "--values", "test/packaging/testdata/chart/everything.values.yaml"),
	} {
		pod := podTemplate(t, find(t, objects(t, text), "Deployment", "twinway-operator"))
		for _, violation := range violations(t, pod) {
			t.Errorf("%s: %s", name, violation)
		}
	}
}

// The check above would notice.
func TestPrivilegesAreNoticed(t *testing.T) {
	pod := podTemplate(t, find(t, objects(t, template(t)), "Deployment", "twinway-operator"))
	root := int64(0)
	pod.Spec.SecurityContext.RunAsUser = &root
	pod.Spec.Containers[0].SecurityContext.Capabilities = nil
	if got := violations(t, pod); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// The namespace that config/default brings enforces it.
func TestNamespaceEnforcesRestricted(t *testing.T) {
	namespace := find(t, objects(t, mustRun(t, "kustomize", "build", "config/default")), "Namespace", "twinway-system")
	if level := namespace.text("metadata", "labels", api.EnforceLevelLabel); level != string(api.LevelRestricted) {
		t.Errorf("the level is %q", level)
	}
}

func podTemplate(t *testing.T, deployment object) corev1.PodTemplateSpec {
	t.Helper()
	text, err := yaml.Marshal(deployment.at("spec", "template"))
	if err != nil {
		t.Fatal(err)
	}
	var pod corev1.PodTemplateSpec
	if err := yaml.UnmarshalStrict(text, &pod, yaml.DisallowUnknownFields); err != nil {
		t.Fatal(err)
	}
	return pod
}

func violations(t *testing.T, pod corev1.PodTemplateSpec) []string {
	t.Helper()
	latest := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, result := range evaluator.EvaluatePod(latest, &pod.ObjectMeta, &pod.Spec) {
		if !result.Allowed {
			found = append(found, result.ForbiddenReason+": "+result.ForbiddenDetail)
		}
	}
	return found
}
