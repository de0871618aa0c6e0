package crd_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/twinway/twinway/api/v1alpha1"
)

// born are the conditions that an object of a kind has before an operator has
// seen it, all of them unknown.
var born = map[string][]string{
	v1alpha1.GatewayKind:      {"Accepted", "ResolvedRefs", "Programmed", "Available", "Ready"},
	v1alpha1.ConnectionKind:   {"Accepted", "ResolvedRefs", "Programmed", "Connected", "Ready"},
	v1alpha1.SubscriptionKind: {"Accepted", "ResolvedRefs", "Programmed", "Active", "Ready"},
}

// Nobody who waits for an object takes silence for success, not even for what
// its creator says about it.
func TestObjectsAreBornUnready(t *testing.T) {
	for kind, s := range scenarioFiles(t) {
		t.Run(kind, func(t *testing.T) {
			client := connect(t, kind)
			object := s.with(fields{"status": map[string]any{"observedGeneration": int64(1)}})
			if _, err := client.Create(deadline(t), object, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			stored, err := client.Get(deadline(t), object.GetName(), metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			checkBorn(t, kind, stored)
		})
	}
}

func checkBorn(t *testing.T, kind string, object *unstructured.Unstructured) {
	t.Helper()
	var got struct {
		Status struct {
			ObservedGeneration int64              `json:"observedGeneration"`
			Conditions         []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &got); err != nil {
		t.Fatal(err)
	}
	if got.Status.ObservedGeneration != -1 {
		t.Errorf("observedGeneration = %d, want -1", got.Status.ObservedGeneration)
	}
	var types []string
	for _, c := range got.Status.Conditions {
		types = append(types, c.Type)
		if c.Status != metav1.ConditionUnknown || c.Reason != v1alpha1.ReasonPending || c.Message == "" {
			t.Errorf("born with %+v", c)
		}
	}
	if diff := cmp.Diff(born[kind], types); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}

// A spec is not changed by writing a status, nor a status by writing a spec.
func TestStatusIsASubresource(t *testing.T) {
	for kind, s := range scenarioFiles(t) {
		t.Run(kind, func(t *testing.T) {
			client := connect(t, kind)
			object, err := client.Create(deadline(t), s.with(nil), metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			set(t, object, int64(1), "status", "observedGeneration")
			object.Object["spec"] = map[string]any{}
			object, err = client.UpdateStatus(deadline(t), object, metav1.UpdateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			set(t, object, int64(7), "status", "observedGeneration")
			object, err = client.Update(deadline(t), object, metav1.UpdateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := unstructured.NestedInt64(object.Object, "status", "observedGeneration"); got != 1 {
				t.Errorf("observedGeneration = %d, want 1", got)
			}
			if object.GetGeneration() != 1 {
				t.Errorf("generation = %d, want 1", object.GetGeneration())
			}
		})
	}
}

func set(t *testing.T, object *unstructured.Unstructured, value any, path ...string) {
	t.Helper()
	if err := unstructured.SetNestedField(object.Object, value, path...); err != nil {
		t.Fatal(err)
	}
}
