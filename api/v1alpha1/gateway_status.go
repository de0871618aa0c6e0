package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// GatewayStatus is what a Gateway is.
type GatewayStatus struct {
	// The generation of the spec that the rest of the status speaks of; -1 as
	// long as no operator has seen the object.
	// +optional
	// +kubebuilder:default=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// The state of the gateway, one entry for each type of condition.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:default={{type: "Accepted", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "ResolvedRefs", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Programmed", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Available", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Types of conditions of a Gateway. Reconciling and Stalled follow kstatus:
// they are absent unless they hold.
const (
	// ConditionAccepted says whether the spec is valid.
	ConditionAccepted = "Accepted"
	// ConditionResolvedRefs says whether everything that is referenced exists
	// and is usable.
	ConditionResolvedRefs = "ResolvedRefs"
	// ConditionProgrammed says whether every ready replica has applied the
	// current configuration.
	ConditionProgrammed = "Programmed"
	// ConditionAvailable says whether at least one replica serves clients.
	ConditionAvailable = "Available"
	// ConditionReady sums up the conditions above.
	ConditionReady = "Ready"
)

// ReasonPending is the reason of every condition before an operator has seen
// the object.
const ReasonPending = "Pending"
