package v1alpha1_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
)

// conditions are those that an object of a kind has from the beginning.
var conditions = map[string][]string{
	v1alpha1.GatewayKind: {
		v1alpha1.ConditionAccepted, v1alpha1.ConditionResolvedRefs, v1alpha1.ConditionProgrammed,
		v1alpha1.ConditionAvailable, v1alpha1.ConditionReady,
	},
	v1alpha1.ConnectionKind: {
		v1alpha1.ConditionAccepted, v1alpha1.ConditionResolvedRefs, v1alpha1.ConditionProgrammed,
		v1alpha1.ConditionConnected, v1alpha1.ConditionReady,
	},
	v1alpha1.SubscriptionKind: {
		v1alpha1.ConditionAccepted, v1alpha1.ConditionResolvedRefs, v1alpha1.ConditionProgrammed,
		v1alpha1.ConditionActive, v1alpha1.ConditionReady,
	},
}

func TestKindsAreInTheScheme(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]runtime.Object{
		"Gateway": &v1alpha1.Gateway{}, "GatewayList": &v1alpha1.GatewayList{},
		"Connection": &v1alpha1.Connection{}, "ConnectionList": &v1alpha1.ConnectionList{},
		"Subscription": &v1alpha1.Subscription{}, "SubscriptionList": &v1alpha1.SubscriptionList{},
	} {
		got, err := scheme.New(v1alpha1.GroupVersion.WithKind(kind))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

// property is as much of a schema as the test reads.
type property struct {
	Default    any
	Properties map[string]property
}

// Until the operator has seen an object its status says that nothing is known,
// so that nobody who waits for it takes silence for success.
func TestObjectsAreBornUnready(t *testing.T) {
	for kind, types := range conditions {
		status := statusSchema(t, kind)
		if diff := cmp.Diff(any(map[string]any{}), status.Default); diff != "" {
			t.Errorf("%s: default of status (-want +got):\n%s", kind, diff)
		}
		if got := status.Properties["observedGeneration"].Default; got != -1.0 {
			t.Errorf("%s: default of observedGeneration = %v, want -1", kind, got)
		}
		if diff := cmp.Diff(any(pending(types)), status.Properties["conditions"].Default); diff != "" {
			t.Errorf("%s: default conditions (-want +got):\n%s", kind, diff)
		}
	}
}

func statusSchema(t *testing.T, kind string) property {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("../../config/crd/bases/twinway.dev_%ss.yaml", strings.ToLower(kind)))
	if err != nil {
		t.Fatal(err)
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
	return definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["status"]
}

func pending(types []string) (conditions []any) {
	for _, condition := range types {
		conditions = append(conditions, map[string]any{
			"type": condition, "status": "Unknown", "reason": v1alpha1.ReasonPending,
			"message": "Waiting for the operator", "lastTransitionTime": "1970-01-01T00:00:00Z",
		})
	}
	return conditions
}
