package render

import (
	"strconv"
	"time"

	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// podMonitor has the pods' metrics collected, where the cluster knows how.
func (r renderer) podMonitor() draft {
	monitoring := r.spec.Monitoring
	if !r.Settings.PodMonitor || *monitoring.PodMonitor != v1alpha1.Enabled {
		return draft{}
	}
	apiVersion, kind := PodMonitorKind.ToAPIVersionAndKind()
	monitor := &podMonitorConfiguration{
		TypeMetaApplyConfiguration: *metav1ac.TypeMeta().WithAPIVersion(apiVersion).WithKind(kind),
		Spec: podMonitorSpec{
			Selector:            selecting(Selector(r.name)),
			PodMetricsEndpoints: []podMetricsEndpoint{{Port: PortAdmin, Path: "/metrics", Interval: prometheusDuration(*monitoring.Interval)}},
		},
	}
	return draft{
		kind: PodMonitorKind, name: r.name, labels: texts(monitoring.Labels),
		config: monitor, meta: &monitor.ObjectMetaApplyConfiguration,
	}
}

// prometheusDuration writes a duration with one unit: Prometheus knows no fractions
// and wants units in their order.
func prometheusDuration(d v1alpha1.Duration) string {
	parsed, _ := time.ParseDuration(string(d)) // a valid spec has no others
	if parsed%time.Second == 0 {
		return strconv.FormatInt(int64(parsed/time.Second), 10) + "s"
	}
	return strconv.FormatInt(parsed.Milliseconds(), 10) + "ms"
}

// podMonitorConfiguration is as much of a PodMonitor as is rendered, so that
// nothing depends on the Prometheus operator's module.
type podMonitorConfiguration struct {
	metav1ac.TypeMetaApplyConfiguration    `json:",inline"`
	*metav1ac.ObjectMetaApplyConfiguration `json:"metadata,omitempty"`
	Spec                                   podMonitorSpec `json:"spec"`
}

type podMonitorSpec struct {
	Selector            *metav1ac.LabelSelectorApplyConfiguration `json:"selector"`
	PodMetricsEndpoints []podMetricsEndpoint                      `json:"podMetricsEndpoints"`
}

type podMetricsEndpoint struct {
	Port     string `json:"port"`
	Path     string `json:"path"`
	Interval string `json:"interval"`
}

// IsApplyConfiguration marks the type as one.
func (*podMonitorConfiguration) IsApplyConfiguration() {}
