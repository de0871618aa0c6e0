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

	// How many pods there are.
	// +optional
	// +kubebuilder:default=0
	Replicas int32 `json:"replicas,omitempty"`

	// How many pods take clients.
	// +optional
	// +kubebuilder:default=0
	ReadyReplicas int32 `json:"readyReplicas,omitempty"`

	// How many of the ready pods have applied the current configuration.
	// +optional
	// +kubebuilder:default=0
	ProgrammedReplicas int32 `json:"programmedReplicas,omitempty"`

	// How many Connections refer to the gateway.
	// +optional
	// +kubebuilder:default=0
	Connections int32 `json:"connections,omitempty"`

	// The hash of the current configuration, in hexadecimal; empty as long as
	// there is none.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	ConfigurationHash string `json:"configurationHash,omitempty"`

	// The image that the pods run.
	// +optional
	// +kubebuilder:validation:MaxLength=500
	Image string `json:"image,omitempty"`

	// The labels of the pods, as a selector; for the scale subresource.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Selector string `json:"selector,omitempty"`
}
