package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// GatewayKind is the kind of a Gateway as manifests write it.
const GatewayKind = "Gateway"

// Gateway is one gateway for digital twins: a durable, authorised WebSocket
// endpoint that speaks the Eclipse Ditto protocol.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=gateways,scope=Namespaced,shortName=twgw,categories=twinway
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Whether the gateway serves what its spec says."
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,description="Why it is ready or not."
// +kubebuilder:printcolumn:name="Port",type=integer,JSONPath=`.spec.listener.port`,description="The port clients connect to."
// +kubebuilder:printcolumn:name="Accepted",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Accepted")].status`,description="Whether the spec is valid."
// +kubebuilder:printcolumn:name="Programmed",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Programmed")].status`,description="Whether every ready replica applied the current configuration."
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Gateway struct {
	metav1.TypeMeta `json:",inline"`
	// Standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What the gateway should be.
	// +required
	Spec GatewaySpec `json:"spec"`

	// What the gateway is, written by the operator.
	// +optional
	// +kubebuilder:default={}
	Status GatewayStatus `json:"status,omitempty"`
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
type GatewaySpec struct {
	// Where clients connect.
	// +required
	Listener Listener `json:"listener"`

	// Who may connect. A session without an authenticated subject does not
	// exist, so at least one method is required.
	// +required
	Authentication Authentication `json:"authentication"`

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

	// How the gateway goes away. Default: the default of each field.
	// +optional
	Drain *Drain `json:"drain,omitempty"`
}

// Listener is where clients connect.
type Listener struct {
	// The TCP port of the WebSocket endpoint, on all addresses, 1 to 65535.
	// A change needs a restart.
	// +required
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 65535",message="must be between 1 and 65535"
	Port int32 `json:"port"`
}
