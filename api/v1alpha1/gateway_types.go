package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// GatewayKind is the kind of a Gateway as manifests write it.
const GatewayKind = "Gateway"

// Gateway is one gateway for digital twins: a durable, authorised WebSocket
// endpoint that speaks the Eclipse Ditto protocol.
//
// +genclient
// +kubebuilder:ac:generate=true
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.replicas,statuspath=.status.replicas,selectorpath=.status.selector
// +kubebuilder:resource:path=gateways,scope=Namespaced,shortName=twgw,categories=twinway
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Whether the gateway serves what its spec says."
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,description="Why it is ready or not."
// +kubebuilder:printcolumn:name="Replicas",type=integer,JSONPath=`.status.replicas`,description="How many pods there are."
// +kubebuilder:printcolumn:name="Programmed",type=integer,JSONPath=`.status.programmedReplicas`,description="How many of them take clients with the current configuration."
// +kubebuilder:printcolumn:name="Port",type=integer,JSONPath=`.spec.listener.port`,description="The port clients connect to."
// +kubebuilder:printcolumn:name="Connections",type=integer,JSONPath=`.status.connections`,description="How many Connections refer to the gateway."
// +kubebuilder:printcolumn:name="Accepted",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Accepted")].status`,description="Whether the spec is valid."
// +kubebuilder:printcolumn:name="Available",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Available")].status`,description="Whether at least one replica serves clients."
// +kubebuilder:printcolumn:name="Image",type=string,priority=1,JSONPath=`.status.image`,description="The image that the pods run."
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,description="Why, in words."
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && self.metadata.name.size() <= 40",message="the name must be a DNS label that begins with a letter, of at most 40 characters: Services are named after it"
type Gateway struct {
	metav1.TypeMeta `json:",inline"`
	// Standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What the gateway should be.
	// +required
	Spec GatewaySpec `json:"spec,omitzero"`

	// What the gateway is, written by the operator.
	// +optional
	// +kubebuilder:default={}
	Status GatewayStatus `json:"status,omitzero"`
}

// GatewayList is a list of Gateways.
//
// +kubebuilder:object:root=true
type GatewayList struct {
	metav1.TypeMeta `json:",inline"`
	// Standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// The Gateways.
	Items []Gateway `json:"items"`
}

// GatewaySpec is what a Gateway should be.
//
// A change takes effect on a running gateway and leaves open connections
// alone, unless the field says that it needs a restart.
//
// +kubebuilder:validation:XValidation:rule="!has(self.replicas) || self.replicas <= 1",message="embedded storage has one writer: replicas must be 0 or 1"
// +kubebuilder:validation:XValidation:rule="!has(self.autoscaling) || self.autoscaling.maxReplicas <= 1",message="embedded storage has one writer: autoscaling.maxReplicas must be 1"
// +kubebuilder:validation:XValidation:rule="!has(self.autoscaling) || !has(self.replicas)",message="replicas and autoscaling exclude each other"
// +kubebuilder:validation:XValidation:rule="(self.?storage.?volume.?type.orValue('Claim') == 'Claim') == (oldSelf.?storage.?volume.?type.orValue('Claim') == 'Claim')",fieldPath=".storage.volume.type",message="cannot be changed, the default is Claim; delete the Gateway and create it again"
// +kubebuilder:validation:XValidation:rule="(has(self.storage) && has(self.storage.volume) && has(self.storage.volume.storageClassName) ? self.storage.volume.storageClassName : '-') == (has(oldSelf.storage) && has(oldSelf.storage.volume) && has(oldSelf.storage.volume.storageClassName) ? oldSelf.storage.volume.storageClassName : '-')",fieldPath=".storage.volume.storageClassName",message="cannot be changed, added or removed; delete the Gateway and create it again"
// +kubebuilder:validation:XValidation:rule="(has(self.storage) && has(self.storage.volume) && has(self.storage.volume.size) ? quantity(string(self.storage.volume.size)) : quantity('10Gi')).compareTo(has(oldSelf.storage) && has(oldSelf.storage.volume) && has(oldSelf.storage.volume.size) ? quantity(string(oldSelf.storage.volume.size)) : quantity('10Gi')) >= 0",fieldPath=".storage.volume.size",message="cannot shrink, the default is 10Gi"
// +kubebuilder:validation:XValidation:rule="!(self.?service.?type.orValue('ClusterIP') == 'LoadBalancer') || !(oldSelf.?service.?type.orValue('ClusterIP') == 'LoadBalancer') || (has(self.service.loadBalancerClass) ? self.service.loadBalancerClass : '-') == (has(oldSelf.service.loadBalancerClass) ? oldSelf.service.loadBalancerClass : '-')",fieldPath=".service.loadBalancerClass",message="cannot be changed while the type is LoadBalancer"
type GatewaySpec struct {
	// Where clients connect.
	// +required
	Listener Listener `json:"listener,omitzero"`

	// How many pods run the gateway, 0 to 100; embedded storage has one writer
	// and so at most one. Not together with autoscaling. Default: 1.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0 && self <= 100",message="must be between 0 and 100"
	Replicas *int32 `json:"replicas,omitempty"`

	// Who may connect. A session without an authenticated subject does not
	// exist, so at least one method is required.
	// +required
	Authentication Authentication `json:"authentication,omitzero"`

	// Who may create things and policies. A change holds for commands from then
	// on. Default: everybody.
	// +optional
	EntityCreation *EntityCreation `json:"entityCreation,omitempty"`

	// Which namespaces sessions may reach at all, before any policy is asked; 1
	// to 32 rules. A namespace is open to a session if one of the rules that
	// apply to the session opens it; with rules, nothing else is. A change holds
	// for new sessions. Default: none, all namespaces are open.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	NamespaceAccess []NamespaceRule `json:"namespaceAccess,omitempty"`

	// How policies are kept. Default: the default of each field.
	// +optional
	Policies *Policies `json:"policies,omitempty"`

	// Where things and policies are kept. Default: embedded storage.
	// +optional
	Storage *Storage `json:"storage,omitempty"`

	// How things are searched for. Default: the default of each field.
	// +optional
	Search *Search `json:"search,omitempty"`

	// How the HTTP API is served. Default: the default of each field.
	// +optional
	HTTP *HTTP `json:"http,omitempty"`

	// The namespace given to an entity that is created with an empty one.
	// Segments of letters, digits and underscores that start with a letter,
	// joined by dots or hyphens; at most 128 characters.
	// Default: org.eclipse.ditto.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z][a-zA-Z0-9_]*([.-][a-zA-Z][a-zA-Z0-9_]*)*$')",message="must be segments of letters, digits and underscores that start with a letter, joined by dots or hyphens"
	DefaultNamespace *string `json:"defaultNamespace,omitempty"`

	// Bounds on what clients may send and hold. Default: the default of each.
	// +optional
	Limits *Limits `json:"limits,omitempty"`

	// How a WebSocket session is kept. Default: the default of each field.
	// +optional
	Session *Session `json:"session,omitempty"`

	// How the gateway goes away. In a cluster a change replaces the pods, whose
	// grace period follows it. Default: the default of each field.
	// +optional
	Drain *Drain `json:"drain,omitempty"`

	// How the pods are run. Like service, autoscaling, disruptionBudget,
	// networkPolicy and monitoring it has no effect without a cluster.
	// Default: the default of each field.
	// +optional
	Workload *Workload `json:"workload,omitempty"`

	// The Service for clients. Default: the default of each field.
	// +optional
	Service *Service `json:"service,omitempty"`

	// Lets the cluster choose the number of replicas. Default: replicas says.
	// +optional
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`

	// How many pods the cluster may take away at once. Default: the default of
	// each field.
	// +optional
	DisruptionBudget *DisruptionBudget `json:"disruptionBudget,omitempty"`

	// Who reaches the pods. Default: the default of each field.
	// +optional
	NetworkPolicy *NetworkPolicy `json:"networkPolicy,omitempty"`

	// Whether metrics are collected. Default: the default of each field.
	// +optional
	Monitoring *Monitoring `json:"monitoring,omitempty"`
}

// Listener is where clients connect.
type Listener struct {
	// The TCP port of the WebSocket endpoint, on all addresses, 1 to 65535.
	// A change needs a restart.
	// +required
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 65535",message="must be between 1 and 65535"
	Port int32 `json:"port,omitempty"`

	// Serves clients over TLS (wss and https). Adding or removing it needs a
	// restart. Default: none, which is for networks that are trusted and for
	// ingresses that end TLS.
	// +optional
	TLS *ListenerTLS `json:"tls,omitempty"`
}

// ListenerTLS is how the gateway proves to clients that it is the one they
// mean.
type ListenerTLS struct {
	// A Secret of type kubernetes.io/tls, with the keys tls.crt and tls.key. A
	// change of its content takes effect for new connections.
	// +required
	CertificateRef SecretReference `json:"certificateRef,omitzero"`
}
