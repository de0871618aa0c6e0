package compile

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/twinway/twinway/api/v1alpha1"
)

// fillWorkload fills what only a cluster needs.
func fillWorkload(s *v1alpha1.GatewaySpec) {
	if s.Autoscaling == nil {
		fill(&s.Replicas, 1)
	} else {
		fill(&s.Autoscaling.MinReplicas, 1)
		fill(&s.Autoscaling.TargetCPUUtilization, 70)
	}

	workload := fill(&s.Workload, v1alpha1.Workload{})
	fill(&workload.UpdatePolicy, v1alpha1.UpdateManual)
	fill(&workload.Resources, defaultResources())
	fill(&workload.Pod, v1alpha1.PodOverrides{})

	service := fill(&s.Service, v1alpha1.Service{})
	fill(&service.Type, v1alpha1.ServiceClusterIP)
	fill(&service.Port, s.Listener.Port)

	budget := fill(&s.DisruptionBudget, v1alpha1.DisruptionBudget{})
	fill(&budget.State, v1alpha1.Enabled)
	fill(&budget.MaxUnavailable, 1)

	fill(&fill(&s.NetworkPolicy, v1alpha1.NetworkPolicy{}).State, v1alpha1.Enabled)

	monitoring := fill(&s.Monitoring, v1alpha1.Monitoring{})
	fill(&monitoring.PodMonitor, v1alpha1.Enabled)
	fill(&monitoring.Interval, "30s")
}

// fillVolume leaves an ephemeral volume alone, which has nothing else.
func fillVolume(v *v1alpha1.Volume) {
	if *fill(&v.Type, v1alpha1.VolumeClaim) != v1alpha1.VolumeClaim {
		return
	}
	fill(&v.Size, *bytes(10 << 30))
	fill(&v.Retention, v1alpha1.RetentionRetain)
}

func defaultResources() corev1.ResourceRequirements {
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{
			corev1.ResourceCPU:    *resource.NewMilliQuantity(100, resource.DecimalSI),
			corev1.ResourceMemory: *bytes(128 << 20),
		},
		Limits: corev1.ResourceList{corev1.ResourceMemory: *bytes(512 << 20)},
	}
}
