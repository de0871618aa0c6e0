package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// UpdatePolicy says what the pods of a gateway do when the operator is
// upgraded.
//
// +kubebuilder:validation:Enum=Manual;Automatic
type UpdatePolicy string

const (
	// UpdateManual keeps image and pod template until the spec changes.
	UpdateManual UpdatePolicy = "Manual"
	// UpdateAutomatic takes over what the operator's version brings.
	UpdateAutomatic UpdatePolicy = "Automatic"
)

// Workload is how the pods of a gateway are run. It has no effect without a
// cluster.
type Workload struct {
	// The image of the gateway, 1 to 500 characters. A change replaces the pods.
	// Default: that of the operator when the gateway was first run; see
	// updatePolicy.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9][a-zA-Z0-9._/:@-]*$')",message="must be an image, such as registry.example.com/twinway:v1 or registry.example.com/twinway@sha256:..."
	Image *string `json:"image,omitempty"`

	// Whether an upgrade of the operator may replace the pods: Manual keeps image
	// and pod template as they are until the spec changes what they are made of,
	// Automatic follows the operator. Default: Manual.
	// +optional
	UpdatePolicy *UpdatePolicy `json:"updatePolicy,omitempty"`

	// CPU and memory of the gateway's container, of memory at least 64Mi. The Go
	// runtime is told to stay below the memory limit. A change replaces the pods.
	// Default: requests of 100m CPU and 128Mi of memory, a limit of 512Mi of
	// memory.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.claims)",message="claims of dynamic resources are not supported"
	// +kubebuilder:validation:XValidation:rule="!has(self.limits) || !('memory' in self.limits) || quantity(string(self.limits['memory'])).compareTo(quantity('64Mi')) >= 0",message="limits.memory must be at least 64Mi"
	// +kubebuilder:validation:XValidation:rule="!has(self.limits) || !has(self.requests) || ['cpu', 'memory'].all(r, !(r in self.limits) || !(r in self.requests) || quantity(string(self.requests[r])).compareTo(quantity(string(self.limits[r]))) <= 0)",message="requests must not be above limits"
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// Metadata and scheduling of the pods. A change replaces the pods.
	// +optional
	Pod *PodOverrides `json:"pod,omitempty"`
}

// PodOverrides are what a user may say about the pods of a gateway. What is not
// here is the operator's: containers, volumes, security.
type PodOverrides struct {
	// Labels added to those of the operator, which they cannot replace; at most
	// 32.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$'))",message="the keys must be those of labels: letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('twinway.dev/') && !k.startsWith('app.kubernetes.io/'))",message="labels of twinway.dev and app.kubernetes.io are the operator's"
	Labels map[string]LabelValue `json:"labels,omitempty"`

	// Annotations, at most 32.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$'))",message="the keys must be those of annotations: letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('twinway.dev/'))",message="annotations of twinway.dev are the operator's"
	Annotations map[string]AnnotationValue `json:"annotations,omitempty"`

	// Labels that a node must have, at most 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$'))",message="the keys must be those of labels: letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	NodeSelector map[string]LabelValue `json:"nodeSelector,omitempty"`

	// Taints of nodes that are tolerated, 1 to 32. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// Where pods should and should not be scheduled. Default: anywhere.
	// +optional
	Affinity *corev1.Affinity `json:"affinity,omitempty"`

	// The priority class of the pods. Default: the cluster's.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be a lower-case DNS subdomain"
	PriorityClassName *string `json:"priorityClassName,omitempty"`

	// Secrets with credentials for the image's registry, 1 to 8. Default: none.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	ImagePullSecrets []SecretReference `json:"imagePullSecrets,omitempty"`
}

// LabelValue is the value of a label.
//
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^([a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?)?$')",message="must be empty, or letters, digits, dots, hyphens and underscores between letters or digits"
type LabelValue string

// AnnotationValue is the value of an annotation.
//
// +kubebuilder:validation:MaxLength=4096
type AnnotationValue string

// VolumeType says what the store is kept on.
//
// +kubebuilder:validation:Enum=Claim;Ephemeral
type VolumeType string

const (
	// VolumeClaim keeps it on a PersistentVolumeClaim.
	VolumeClaim VolumeType = "Claim"
	// VolumeEphemeral keeps it on the node, as long as the pod lives there.
	VolumeEphemeral VolumeType = "Ephemeral"
)

// Retention says what becomes of a volume claim when its Gateway is deleted.
//
// +kubebuilder:validation:Enum=Retain;Delete
type Retention string

const (
	// RetentionRetain keeps the claim; a Gateway of the same name takes it over.
	RetentionRetain Retention = "Retain"
	// RetentionDelete deletes it with the Gateway.
	RetentionDelete Retention = "Delete"
)

// Volume is the volume of the embedded storage in a cluster.
//
// +kubebuilder:validation:XValidation:rule="!has(self.type) || self.type == 'Claim' || !has(self.size) && !has(self.storageClassName) && !has(self.retention)",message="size, storageClassName and retention are for type Claim"
type Volume struct {
	// Claim, a PersistentVolumeClaim, or Ephemeral, which is lost with the pod.
	// It cannot be changed. Default: Claim.
	// +optional
	Type *VolumeType `json:"type,omitempty"`

	// The size of the claim, 64Mi to 64Ti. It may grow where the storage class
	// allows, and never shrinks. Default: 10Gi.
	// +optional
	// +kubebuilder:validation:XValidation:rule="string(self).matches('^[0-9]{1,12}(Ki|Mi|Gi|Ti|k|M|G|T)?$') && quantity(string(self)).compareTo(quantity('64Mi')) >= 0 && quantity(string(self)).compareTo(quantity('64Ti')) <= 0",message="must be a whole number of bytes between 64Mi and 64Ti"
	Size *resource.Quantity `json:"size,omitempty"`

	// The storage class of the claim. It cannot be changed. Default: the
	// cluster's.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be a lower-case DNS subdomain"
	StorageClassName *string `json:"storageClassName,omitempty"`

	// What becomes of the claim when the Gateway is deleted: Retain keeps it, and
	// a Gateway of the same name takes it over; Delete deletes it.
	// Default: Retain.
	// +optional
	Retention *Retention `json:"retention,omitempty"`
}

// ServiceType is the type of the Service for clients.
//
// +kubebuilder:validation:Enum=ClusterIP;NodePort;LoadBalancer
type ServiceType string

const (
	// ServiceClusterIP is reachable in the cluster.
	ServiceClusterIP ServiceType = "ClusterIP"
	// ServiceNodePort is reachable on a port of each node.
	ServiceNodePort ServiceType = "NodePort"
	// ServiceLoadBalancer is reachable through a load balancer of the cluster's
	// provider.
	ServiceLoadBalancer ServiceType = "LoadBalancer"
)

// Service is the Service for clients. It has no effect without a cluster.
//
// +kubebuilder:validation:XValidation:rule="!has(self.nodePort) || self.?type.orValue('ClusterIP') in ['NodePort', 'LoadBalancer']",message="nodePort is for types NodePort and LoadBalancer"
// +kubebuilder:validation:XValidation:rule="!has(self.loadBalancerClass) || self.?type.orValue('ClusterIP') == 'LoadBalancer'",message="loadBalancerClass is for type LoadBalancer"
type Service struct {
	// ClusterIP, NodePort or LoadBalancer. Default: ClusterIP.
	// +optional
	Type *ServiceType `json:"type,omitempty"`

	// The port of the Service, 1 to 65535. Default: the listener's.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 65535",message="must be between 1 and 65535"
	Port *int32 `json:"port,omitempty"`

	// The port of the nodes, for NodePort and LoadBalancer. Default: one that the
	// cluster chooses.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 65535",message="must be between 1 and 65535"
	NodePort *int32 `json:"nodePort,omitempty"`

	// The class of the load balancer, for LoadBalancer, whose class cannot be
	// changed. Default: the cluster's.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$')",message="must be letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	LoadBalancerClass *string `json:"loadBalancerClass,omitempty"`

	// Annotations of the Service, at most 32.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$'))",message="the keys must be those of annotations: letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('twinway.dev/'))",message="annotations of twinway.dev are the operator's"
	Annotations map[string]AnnotationValue `json:"annotations,omitempty"`
}

// Autoscaling lets the cluster choose the number of replicas by their use of
// CPU.
//
// +kubebuilder:validation:XValidation:rule="!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",message="minReplicas must not be above maxReplicas"
type Autoscaling struct {
	// The least number of replicas, 1 to 100. Default: 1.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 100",message="must be between 1 and 100"
	MinReplicas *int32 `json:"minReplicas,omitempty"`

	// The greatest number of replicas, 1 to 100.
	// +required
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 100",message="must be between 1 and 100"
	MaxReplicas int32 `json:"maxReplicas,omitempty"`

	// The use of CPU that is aimed at, in percent of what is requested, 1 to 100.
	// Default: 70.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 100",message="must be between 1 and 100"
	TargetCPUUtilization *int32 `json:"targetCPUUtilization,omitempty"`
}

// DisruptionBudget limits how many pods the cluster may take away at once, for
// example when nodes are drained.
type DisruptionBudget struct {
	// Enabled or Disabled. Default: Enabled.
	// +optional
	State *Toggle `json:"state,omitempty"`

	// How many pods may be away, 0 to 100; with 0 nodes wait until somebody moves
	// the gateway. Default: 1.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0 && self <= 100",message="must be between 0 and 100"
	MaxUnavailable *int32 `json:"maxUnavailable,omitempty"`
}

// NetworkPolicy limits who reaches the pods. Whether it is enforced depends on
// the network of the cluster.
type NetworkPolicy struct {
	// Enabled admits everybody to the port for clients and to the port for probes
	// and metrics, and nobody but the operator to the port for configuration.
	// Disabled renders no policy. Default: Enabled.
	// +optional
	State *Toggle `json:"state,omitempty"`
}

// Monitoring has the gateway's metrics collected.
type Monitoring struct {
	// Enabled renders a PodMonitor where the cluster knows that kind, Disabled
	// none. Default: Enabled.
	// +optional
	PodMonitor *Toggle `json:"podMonitor,omitempty"`

	// How often metrics are collected, 5s to 10m. Default: 30s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('5s') && duration(self) <= duration('10m')",message="must be between 5s and 10m"
	Interval *Duration `json:"interval,omitempty"`

	// Labels of the PodMonitor, by which a Prometheus chooses it; at most 32.
	// Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$'))",message="the keys must be those of labels: letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	Labels map[string]LabelValue `json:"labels,omitempty"`
}
