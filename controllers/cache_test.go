package controllers

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// cachedConnection returns a Connection as it comes from the API server, with
// strings of its own.
func cachedConnection() *v1alpha1.Connection {
	c := &v1alpha1.Connection{}
	c.Name = "cloud"
	c.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: "{}", v1alpha1.AnnotationPaused: "true"}
	c.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	c.Status.Conditions = []metav1.Condition{{
		Type: strings.Clone("Programmed"), Status: metav1.ConditionTrue, Reason: strings.Clone("Programmed"), Message: strings.Clone("1/1 pod"),
	}}
	return c
}

func TestOwnObjectsAreCachedSlim(t *testing.T) {
	want := cachedConnection()
	want.ManagedFields = nil
	want.Annotations = map[string]string{v1alpha1.AnnotationPaused: "true"}
	first, second := cachedConnection(), cachedConnection()
	for _, c := range []*v1alpha1.Connection{first, second} {
		if _, err := slimOwn(c); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("-want +cached:\n%s", diff)
		}
	}
	a, b := first.Status.Conditions[0].Message, second.Status.Conditions[0].Message
	if unsafe.StringData(a) != unsafe.StringData(b) {
		t.Error("two conditions that say the same do not share their words")
	}
}

// Whose an object is must be known from what is cached of it.
func TestMetadataIsCachedSlim(t *testing.T) {
	labels := render.Labels("edge")
	labels["somebody"] = "else"
	object := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "edge", UID: types.UID("u"), ResourceVersion: "1", Labels: labels,
		Annotations:     map[string]string{"large": "x"},
		ManagedFields:   []metav1.ManagedFieldsEntry{{Manager: "twinway"}},
		OwnerReferences: []metav1.OwnerReference{{Name: "edge"}}, DeletionTimestamp: &metav1.Time{},
	}}
	want := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "edge", UID: types.UID("u"), ResourceVersion: "1",
		Labels:          map[string]string{render.LabelGateway: "edge", render.LabelManagedBy: render.Manager, render.LabelInstance: "edge"},
		OwnerReferences: []metav1.OwnerReference{{Name: "edge"}}, DeletionTimestamp: &metav1.Time{},
	}}
	got, err := slimMetadata(object)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +cached:\n%s", diff)
	}
}
