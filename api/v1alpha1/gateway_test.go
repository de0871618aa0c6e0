package v1alpha1_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
)

func TestKindsAreInTheScheme(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]any{"Gateway": &v1alpha1.Gateway{}, "GatewayList": &v1alpha1.GatewayList{}} {
		got, err := scheme.New(v1alpha1.GroupVersion.WithKind(kind))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, any(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

// Until the operator has seen an object its status says that nothing is known,
// so that nobody who waits for it takes silence for success.
func TestAGatewayIsBornUnready(t *testing.T) {
	data, err := os.ReadFile("../../config/crd/bases/twinway.dev_gateways.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type property struct {
		Default    any
		Properties map[string]property
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Schema struct{ OpenAPIV3Schema property }
			}
		}
	}
	if err := yaml.Unmarshal(data, &definition); err != nil {
		t.Fatal(err)
	}
	status := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["status"]
	if diff := cmp.Diff(any(map[string]any{}), status.Default); diff != "" {
		t.Errorf("default of status (-want +got):\n%s", diff)
	}
	if got := status.Properties["observedGeneration"].Default; got != -1.0 {
		t.Errorf("default of observedGeneration = %v, want -1", got)
	}
	var want []any
	for _, condition := range []string{
		v1alpha1.ConditionAccepted, v1alpha1.ConditionResolvedRefs, v1alpha1.ConditionProgrammed,
		v1alpha1.ConditionAvailable, v1alpha1.ConditionReady,
	} {
		want = append(want, map[string]any{
			"type": condition, "status": "Unknown", "reason": v1alpha1.ReasonPending,
			"message": "Waiting for the operator", "lastTransitionTime": "1970-01-01T00:00:00Z",
		})
	}
	if diff := cmp.Diff(any(want), status.Properties["conditions"].Default); diff != "" {
		t.Errorf("default conditions (-want +got):\n%s", diff)
	}
}
