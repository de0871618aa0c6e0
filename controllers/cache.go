package controllers

import (
	"slices"
	"unique"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// ownedTypes are the kinds of what is rendered of which metadata is cached, of
// those with the operator's label only. What is in them is read when their version
// is not the one that was left. Secrets are cached whatever label they have, and
// StatefulSets whole.
func ownedTypes() []client.Object {
	return []client.Object{
		&corev1.ServiceAccount{}, &corev1.PersistentVolumeClaim{}, &corev1.Service{},
		&networkingv1.NetworkPolicy{}, &policyv1.PodDisruptionBudget{},
		&autoscalingv2.HorizontalPodAutoscaler{},
	}
}

// CacheOptions returns what the operator keeps in memory: its own kinds, the pods
// of gateways and their StatefulSets, and metadata of what else it has made, and of
// Secrets and ConfigMaps. With namespaces, nothing is asked of the API server
// outside of them.
func CacheOptions(namespaces []string) cache.Options {
	managed := labels.SelectorFromSet(labels.Set{render.LabelManagedBy: render.Manager})
	byObject := map[client.Object]cache.ByObject{
		&corev1.Pod{}:            {Label: hasLabel(render.LabelGateway), Transform: slimPod},
		&corev1.Secret{}:         {Transform: slimMetadata},
		&corev1.ConfigMap{}:      {Transform: slimMetadata},
		&appsv1.StatefulSet{}:    {Label: managed},
		&v1alpha1.Gateway{}:      {Transform: slimOwn},
		&v1alpha1.Connection{}:   {Transform: slimOwn},
		&v1alpha1.Subscription{}: {Transform: slimOwn},
	}
	for _, object := range ownedTypes() {
		byObject[object] = cache.ByObject{Label: managed, Transform: slimMetadata}
	}
	options := cache.Options{ByObject: byObject, DefaultTransform: cache.TransformStripManagedFields()}
	for _, namespace := range namespaces {
		if options.DefaultNamespaces == nil {
			options.DefaultNamespaces = map[string]cache.Config{}
		}
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	return options
}

func hasLabel(key string) labels.Selector {
	requirement, err := labels.NewRequirement(key, selection.Exists, nil)
	if err != nil {
		panic("label " + key + ": " + err.Error()) // a constant, so any test finds it
	}
	return labels.NewSelector().Add(*requirement)
}

// slimMetadata keeps of an object, of which there may be thousands that are none of
// ours, what finds it, whose it is, and what tells apart versions of it.
func slimMetadata(in any) (any, error) {
	object, ok := in.(*metav1.PartialObjectMetadata)
	if !ok {
		return in, nil
	}
	slim := &metav1.PartialObjectMetadata{TypeMeta: object.TypeMeta}
	slim.Namespace, slim.Name, slim.UID = object.Namespace, object.Name, object.UID
	slim.ResourceVersion, slim.OwnerReferences = object.ResourceVersion, object.OwnerReferences
	slim.DeletionTimestamp = object.DeletionTimestamp
	for _, key := range []string{render.LabelGateway, render.LabelManagedBy, render.LabelInstance} {
		if value, there := object.Labels[key]; there {
			metav1.SetMetaDataLabel(&slim.ObjectMeta, key, once(value))
		}
	}
	if operator, there := object.Annotations[render.AnnotationOperator]; there {
		metav1.SetMetaDataAnnotation(&slim.ObjectMeta, render.AnnotationOperator, once(operator))
	}
	return slim, nil
}

// slimOwn leaves out of an object of our own kinds what kubectl and the API server
// note of who has written it, and has thousands of conditions that say the same
// share their words.
func slimOwn(in any) (any, error) {
	object, ok := in.(client.Object)
	if !ok {
		return in, nil
	}
	object.SetManagedFields(nil)
	delete(object.GetAnnotations(), corev1.LastAppliedConfigAnnotation)
	if conditions := conditionsIn(object); conditions != nil {
		*conditions = shared(*conditions)
	}
	return in, nil
}

// conditionsIn returns the conditions of an object of our own kinds.
func conditionsIn(object client.Object) *[]metav1.Condition {
	switch object := object.(type) {
	case *v1alpha1.Gateway:
		return &object.Status.Conditions
	case *v1alpha1.Connection:
		return &object.Status.Conditions
	case *v1alpha1.Subscription:
		return &object.Status.Conditions
	}
	return nil
}

// shared returns conditions in as much memory as they need.
func shared(conditions []metav1.Condition) []metav1.Condition {
	out := slices.Clip(slices.Clone(conditions))
	for i := range out {
		c := &out[i]
		c.Type, c.Reason, c.Message = once(c.Type), once(c.Reason), once(c.Message)
		c.Status = metav1.ConditionStatus(once(string(c.Status)))
	}
	return out
}

// once returns a string that is in memory once, however many have it.
func once(s string) string { return unique.Make(s).Value() }

// slimPod keeps of a pod what says whose it is, where it is, and how it is.
func slimPod(in any) (any, error) {
	pod, ok := in.(*corev1.Pod)
	if !ok {
		return in, nil
	}
	slim := &corev1.Pod{TypeMeta: pod.TypeMeta}
	slim.Namespace, slim.Name, slim.UID = pod.Namespace, pod.Name, pod.UID
	slim.ResourceVersion, slim.OwnerReferences, slim.Labels = pod.ResourceVersion, pod.OwnerReferences, pod.Labels
	slim.DeletionTimestamp = pod.DeletionTimestamp
	for _, container := range pod.Spec.Containers {
		slim.Spec.Containers = append(slim.Spec.Containers, corev1.Container{Name: container.Name, Image: container.Image, Ports: container.Ports})
	}
	slim.Status = corev1.PodStatus{Phase: pod.Status.Phase, PodIP: pod.Status.PodIP}
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == render.ContainerGateway {
			kept := corev1.ContainerStatus{Name: status.Name, RestartCount: status.RestartCount}
			slim.Status.ContainerStatuses = append(slim.Status.ContainerStatuses, kept)
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			slim.Status.Conditions = append(slim.Status.Conditions, corev1.PodCondition{Type: condition.Type, Status: condition.Status})
		}
	}
	return slim, nil
}
