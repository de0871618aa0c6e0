package controllers

import (
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

	"github.com/twinway/twinway/internal/render"
)

// ownedTypes are the kinds of what is rendered that are cached whole, those with
// the operator's label only. Secrets are not among them: they are cached as
// metadata.
func ownedTypes() []client.Object {
	return []client.Object{
		&corev1.ServiceAccount{}, &corev1.PersistentVolumeClaim{}, &corev1.Service{},
		&networkingv1.NetworkPolicy{}, &policyv1.PodDisruptionBudget{},
		&autoscalingv2.HorizontalPodAutoscaler{}, &appsv1.StatefulSet{},
	}
}

// CacheOptions returns what the operator keeps in memory: its own kinds, what it
// has made, the pods of gateways, and metadata of Secrets and ConfigMaps. With
// namespaces, nothing is asked of the API server outside of them.
func CacheOptions(namespaces []string) cache.Options {
	managed := labels.SelectorFromSet(labels.Set{render.LabelManagedBy: render.Manager})
	byObject := map[client.Object]cache.ByObject{
		&corev1.Pod{}:       {Label: hasLabel(render.LabelGateway), Transform: slimPod},
		&corev1.Secret{}:    {Transform: slimMetadata},
		&corev1.ConfigMap{}: {Transform: slimMetadata},
	}
	for _, object := range ownedTypes() {
		byObject[object] = cache.ByObject{Label: managed}
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

// slimMetadata keeps of a Secret or ConfigMap, of which there may be thousands
// that are none of ours, what finds and tells apart versions of it.
func slimMetadata(in any) (any, error) {
	object, ok := in.(*metav1.PartialObjectMetadata)
	if !ok {
		return in, nil
	}
	slim := &metav1.PartialObjectMetadata{TypeMeta: object.TypeMeta}
	slim.Namespace, slim.Name, slim.UID = object.Namespace, object.Name, object.UID
	slim.ResourceVersion, slim.OwnerReferences = object.ResourceVersion, object.OwnerReferences
	slim.DeletionTimestamp = object.DeletionTimestamp
	if gateway, ours := object.Labels[render.LabelGateway]; ours {
		slim.Labels = map[string]string{render.LabelGateway: gateway, render.LabelManagedBy: object.Labels[render.LabelManagedBy]}
	}
	return slim, nil
}

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
