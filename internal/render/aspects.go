package render

import (
	"encoding/json"
	"maps"

	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
)

// aspects are all that users can change about a template.
var aspects = []aspect{
	{
		reason: ReasonImageChanged,
		of:     func(t *template) any { return imageOf(t) },
		clear:  func(t *template) { containerOf(t).Image = nil },
	},
	{
		reason: ReasonResourcesChanged,
		of:     func(t *template) any { return containerOf(t).Resources },
		clear:  clearResources,
	},
	{
		reason: ReasonListenerChanged,
		of:     func(t *template) any { in := restartInputsOf(t); return []any{in.Port, in.TLS} },
		clear:  clearListener,
	},
	{
		reason: ReasonStorageChanged,
		of: func(t *template) any {
			in := restartInputsOf(t)
			return []any{in.Storage, in.CacheSize, dataVolumeOf(t)}
		},
		clear: clearStorage,
	},
	{
		reason: ReasonIndexChanged,
		of:     func(t *template) any { return restartInputsOf(t).Index },
		clear:  func(t *template) { delete(annotationsOf(t), AnnotationRestartInputs) },
	},
	{
		reason: ReasonDrainChanged,
		of:     func(t *template) any { return podSpecOf(t).TerminationGracePeriodSeconds },
		clear:  func(t *template) { podSpecOf(t).TerminationGracePeriodSeconds = nil },
	},
	{
		reason: ReasonPodChanged,
		of:     podOf,
		clear:  clearPod,
	},
}

func clearResources(t *template) {
	c := containerOf(t)
	c.Resources, c.Env = nil, nil // the limit is told to the Go runtime too
}

func clearListener(t *template) {
	delete(annotationsOf(t), AnnotationRestartInputs)
	c := containerOf(t)
	c.Ports, c.Args = nil, nil // the other ports make way for the listener's
	if security := podSpecOf(t).SecurityContext; security != nil {
		security.Sysctls = nil
	}
}

func clearStorage(t *template) {
	delete(annotationsOf(t), AnnotationRestartInputs)
	if volume := dataVolumeOf(t); volume != nil {
		*volume = corev1ac.VolumeApplyConfiguration{}
	}
}

// podOf returns what PodOverrides lead to.
func podOf(t *template) any {
	spec := podSpecOf(t)
	annotations := maps.Clone(annotationsOf(t))
	delete(annotations, AnnotationRestartInputs)
	var labels map[string]string
	if t.ObjectMetaApplyConfiguration != nil {
		labels = t.Labels
	}
	return []any{
		labels, annotations, spec.NodeSelector, spec.Tolerations, spec.Affinity,
		spec.PriorityClassName, spec.ImagePullSecrets,
	}
}

func clearPod(t *template) {
	t.ObjectMetaApplyConfiguration = nil
	spec := podSpecOf(t)
	spec.NodeSelector, spec.Tolerations, spec.Affinity = nil, nil, nil
	spec.PriorityClassName, spec.ImagePullSecrets = nil, nil
}

// imageOf returns the image of the gateway's container, empty if there is none.
func imageOf(t *template) string { return value(containerOf(t).Image) }

// containerOf returns the gateway's container. A template without one has an
// empty container that is not part of it, and so for what is below.
func containerOf(t *template) *corev1ac.ContainerApplyConfiguration {
	containers := podSpecOf(t).Containers
	for i := range containers {
		if value(containers[i].Name) == ContainerGateway {
			return &containers[i]
		}
	}
	return new(corev1ac.ContainerApplyConfiguration)
}

func podSpecOf(t *template) *corev1ac.PodSpecApplyConfiguration {
	if t.Spec == nil {
		return new(corev1ac.PodSpecApplyConfiguration)
	}
	return t.Spec
}

// dataVolumeOf returns the volume of the store, nil if there is none.
func dataVolumeOf(t *template) *corev1ac.VolumeApplyConfiguration {
	volumes := podSpecOf(t).Volumes
	for i := range volumes {
		if value(volumes[i].Name) == volumeData {
			return &volumes[i]
		}
	}
	return nil
}

func annotationsOf(t *template) map[string]string {
	if t.ObjectMetaApplyConfiguration == nil {
		return nil
	}
	return t.Annotations
}

// restartInputsOf returns what the pods' annotation says; zero if nothing.
func restartInputsOf(t *template) (in restartInputs) {
	_ = json.Unmarshal([]byte(annotationsOf(t)[AnnotationRestartInputs]), &in)
	return in
}
