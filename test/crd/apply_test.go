package crd_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/dynamic"

	"github.com/twinway/twinway/api/v1alpha1"
	apply "github.com/twinway/twinway/api/v1alpha1/applyconfiguration/api/v1alpha1"
)

// What the operator applies replaces what an object is born with, and what it no
// longer applies goes away. What it has not applied stays as it was born.
func TestStatusIsApplied(t *testing.T) {
	client := connect(t, v1alpha1.GatewayKind)
	object, err := client.Create(deadline(t), scenarioFiles(t)[v1alpha1.GatewayKind].with(nil), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	status := func(types ...string) *apply.GatewayStatusApplyConfiguration {
		s := apply.GatewayStatus().WithObservedGeneration(1).WithReplicas(0)
		for _, conditionType := range types {
			s.WithConditions(metaapply.Condition().WithType(conditionType).WithStatus(metav1.ConditionTrue).
				WithReason("Because").WithMessage("").WithLastTransitionTime(metav1.Unix(1, 0)))
		}
		return s
	}
	applyStatus(t, client, object, status("Ready", "Stalled"))
	want := []string{"Accepted Unknown", "ResolvedRefs Unknown", "Programmed Unknown", "Available Unknown", "Ready True", "Stalled True"}
	if diff := cmp.Diff(want, conditionsOf(t, client, object.GetName())); diff != "" {
		t.Errorf("after applying (-want +got):\n%s", diff)
	}
	applyStatus(t, client, object, status("Ready"))
	if diff := cmp.Diff(want[:5], conditionsOf(t, client, object.GetName())); diff != "" {
		t.Errorf("after applying without Stalled (-want +got):\n%s", diff)
	}
}

func applyStatus(t *testing.T, client dynamic.ResourceInterface, object *unstructured.Unstructured, status *apply.GatewayStatusApplyConfiguration) {
	t.Helper()
	configuration := apply.Gateway(object.GetName(), object.GetNamespace()).WithStatus(status)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(configuration)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.ApplyStatus(deadline(t), object.GetName(), &unstructured.Unstructured{Object: content}, metav1.ApplyOptions{FieldManager: "twinway"})
	if err != nil {
		t.Fatal(err)
	}
}

// conditionsOf returns type and status of each condition of a Gateway.
func conditionsOf(t *testing.T, client dynamic.ResourceInterface, name string) (conditions []string) {
	t.Helper()
	object, err := client.Get(deadline(t), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var gateway v1alpha1.Gateway
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &gateway); err != nil {
		t.Fatal(err)
	}
	for _, c := range gateway.Status.Conditions {
		conditions = append(conditions, c.Type+" "+string(c.Status))
	}
	return conditions
}
