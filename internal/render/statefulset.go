package render

import (
	appsv1 "k8s.io/api/apps/v1"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
)

// statefulSet renders what runs the pods. Pods are managed in parallel because an
// ordered StatefulSet waits for a pod that cannot start before it replaces it by
// one that could.
func (r renderer) statefulSet(template podTemplate) draft {
	spec := appsv1ac.StatefulSetSpec().
		WithServiceName(PodServiceName(r.name)).
		WithSelector(selecting(Selector(r.name))).
		WithPodManagementPolicy(appsv1.ParallelPodManagement).
		WithUpdateStrategy(appsv1ac.StatefulSetUpdateStrategy().WithType(appsv1.RollingUpdateStatefulSetStrategyType)).
		WithRevisionHistoryLimit(3).
		WithTemplate(template.config)
	if r.spec.Autoscaling == nil {
		spec.WithReplicas(*r.spec.Replicas)
	}
	set := appsv1ac.StatefulSet("", "").WithSpec(spec)
	return draft{
		kind: kindStatefulSet, name: StatefulSetName(r.name),
		annotations: map[string]string{
			AnnotationTemplateInputs: template.inputs,
			AnnotationPodTemplate:    template.encoded,
			AnnotationDefaultImage:   template.defaultImage,
		},
		config: set, meta: &set.ObjectMetaApplyConfiguration,
	}
}
