package render_test

import (
	"testing"

	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/twinway/twinway/internal/render"
)

// What the admission controller of a namespace with enforce=restricted says.
func TestPodsMeetTheRestrictedStandard(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, name := range cases(t) {
		template := statefulSet(t, mustRender(t, input(t, name))).Spec.Template
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec))
		if !result.Allowed {
			t.Errorf("%s: %s", name, result.ForbiddenDetail())
		}
	}
}

// What the standard does not ask for.
func TestPodsHoldNothingThatTheyDoNotNeed(t *testing.T) {
	for _, name := range cases(t) {
		spec := statefulSet(t, mustRender(t, input(t, name))).Spec.Template.Spec
		if *spec.AutomountServiceAccountToken || *spec.EnableServiceLinks {
			t.Errorf("%s: a token is mounted or Services are in the environment", name)
		}
		if !*spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s: the root file system can be written", name)
		}
	}
}

// Without a policy that is complete, any pod of the operator's namespace, or of
// all namespaces, could reach the management port.
func TestManagementPortIsTheOperators(t *testing.T) {
	for _, object := range mustRender(t, input(t, "minimal")).Objects {
		if object.GVK.Kind != "NetworkPolicy" {
			continue
		}
		var policy struct {
			Spec struct {
				Ingress []struct {
					From []struct {
						NamespaceSelector, PodSelector struct{ MatchLabels map[string]string }
					}
					Ports []struct{ Port string }
				}
			}
		}
		mustConvert(t, object.Config, &policy)
		for _, rule := range policy.Spec.Ingress {
			open := len(rule.From) == 0
			for _, from := range rule.From {
				open = open || len(from.NamespaceSelector.MatchLabels) == 0 || len(from.PodSelector.MatchLabels) == 0
			}
			for _, port := range rule.Ports {
				if open != (port.Port != render.PortManagement) {
					t.Errorf("port %s is open: %v", port.Port, open)
				}
			}
		}
		return
	}
	t.Error("there is no NetworkPolicy")
}
