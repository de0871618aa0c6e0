package render

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	kindServiceAccount   = schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}
	kindSecret           = schema.GroupVersionKind{Version: "v1", Kind: "Secret"}
	kindClaim            = schema.GroupVersionKind{Version: "v1", Kind: "PersistentVolumeClaim"}
	kindService          = schema.GroupVersionKind{Version: "v1", Kind: "Service"}
	kindNetworkPolicy    = schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}
	kindDisruptionBudget = schema.GroupVersionKind{Group: "policy", Version: "v1", Kind: "PodDisruptionBudget"}
	kindAutoscaler       = schema.GroupVersionKind{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"}
	kindStatefulSet      = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "StatefulSet"}
)

// PodMonitorKind is the kind that a cluster knows only if somebody has installed
// it.
var PodMonitorKind = schema.GroupVersionKind{Group: "monitoring.coreos.com", Version: "v1", Kind: "PodMonitor"}

var kinds = []schema.GroupVersionKind{
	kindServiceAccount, kindSecret, kindClaim, kindService,
	kindNetworkPolicy, kindDisruptionBudget, kindAutoscaler, PodMonitorKind,
	kindStatefulSet,
}

// Kinds returns every kind that may be rendered, so that what no longer is can be
// found. Claims are among them, but hold data: they are not to be deleted because
// they are no longer rendered.
func Kinds() []schema.GroupVersionKind { return slices.Clone(kinds) }
