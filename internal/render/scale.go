package render

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	autoscalingv2ac "k8s.io/client-go/applyconfigurations/autoscaling/v2"
	policyv1ac "k8s.io/client-go/applyconfigurations/policy/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// disruptionBudget renders how many pods a drain of nodes may take away. A pod
// that is not healthy serves nobody and holds up no node.
func (r renderer) disruptionBudget() draft {
	budget := r.spec.DisruptionBudget
	if *budget.State != v1alpha1.Enabled {
		return draft{}
	}
	pdb := policyv1ac.PodDisruptionBudget("", "").WithSpec(policyv1ac.PodDisruptionBudgetSpec().
		WithSelector(selecting(Selector(r.name))).
		WithMaxUnavailable(intstr.FromInt32(*budget.MaxUnavailable)).
		WithUnhealthyPodEvictionPolicy(policyv1.AlwaysAllow))
	return draft{kind: kindDisruptionBudget, name: r.name, config: pdb, meta: &pdb.ObjectMetaApplyConfiguration}
}

// autoscaler scales the StatefulSet and not the Gateway, whose spec is the
// user's.
func (r renderer) autoscaler() draft {
	scaling := r.spec.Autoscaling
	if scaling == nil {
		return draft{}
	}
	target := autoscalingv2ac.CrossVersionObjectReference().
		WithAPIVersion(kindStatefulSet.GroupVersion().String()).WithKind(kindStatefulSet.Kind).WithName(r.name)
	cpu := autoscalingv2ac.MetricSpec().WithType(autoscalingv2.ResourceMetricSourceType).
		WithResource(autoscalingv2ac.ResourceMetricSource().WithName(corev1.ResourceCPU).
			WithTarget(autoscalingv2ac.MetricTarget().WithType(autoscalingv2.UtilizationMetricType).
				WithAverageUtilization(*scaling.TargetCPUUtilization)))
	hpa := autoscalingv2ac.HorizontalPodAutoscaler("", "").WithSpec(autoscalingv2ac.HorizontalPodAutoscalerSpec().
		WithScaleTargetRef(target).WithMinReplicas(*scaling.MinReplicas).WithMaxReplicas(scaling.MaxReplicas).WithMetrics(cpu))
	return draft{kind: kindAutoscaler, name: r.name, config: hpa, meta: &hpa.ObjectMetaApplyConfiguration}
}
