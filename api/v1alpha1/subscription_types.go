package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SubscriptionKind is the kind of a Subscription as manifests write it.
const SubscriptionKind = "Subscription"

// Subscription is what flows through a Connection, in the words of the
// WebSocket binding.
//
// +genclient
// +kubebuilder:ac:generate=true
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=subscriptions,scope=Namespaced,shortName=twsub,categories=twinway
// +kubebuilder:selectablefield:JSONPath=.spec.connectionRef.name
// +kubebuilder:printcolumn:name="Connection",type=string,JSONPath=`.spec.connectionRef.name`,description="The Connection that it flows through."
// +kubebuilder:printcolumn:name="Direction",type=string,JSONPath=`.spec.direction`,description="Whether it flows out of the gateway or in."
// +kubebuilder:printcolumn:name="Signal",type=string,JSONPath=`.spec.signal`,description="What flows."
// +kubebuilder:printcolumn:name="Active",type=string,JSONPath=`.status.conditions[?(@.type=="Active")].status`,description="Whether signals can flow."
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Whether the subscription is as its spec says."
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,description="Why it is ready or not."
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,description="Why, in words."
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Subscription struct {
	metav1.TypeMeta `json:",inline"`
	// Standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What the subscription should be.
	// +required
	Spec SubscriptionSpec `json:"spec,omitzero"`

	// What the subscription is, written by the operator.
	// +optional
	// +kubebuilder:default={}
	Status SubscriptionStatus `json:"status,omitzero"`
}

// SubscriptionList is a list of Subscriptions.
//
// +kubebuilder:object:root=true
type SubscriptionList struct {
	metav1.TypeMeta `json:",inline"`
	// Standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// The Subscriptions.
	Items []Subscription `json:"items"`
}

// Direction says which way signals flow.
//
// +kubebuilder:validation:Enum=Outbound;Inbound
type Direction string

const (
	// Outbound flows from the gateway to the other end.
	Outbound Direction = "Outbound"
	// Inbound flows from the other end into the gateway.
	Inbound Direction = "Inbound"
)

// Signal names what flows.
//
// +kubebuilder:validation:Enum=TwinEvents;Messages;LiveCommands;LiveEvents;PolicyAnnouncements
type Signal string

const (
	// SignalTwinEvents are changes of twins.
	SignalTwinEvents Signal = "TwinEvents"
	// SignalMessages are messages to and from things.
	SignalMessages Signal = "Messages"
	// SignalLiveCommands are commands to devices.
	SignalLiveCommands Signal = "LiveCommands"
	// SignalLiveEvents are events of devices.
	SignalLiveEvents Signal = "LiveEvents"
	// SignalPolicyAnnouncements announce what happens to policies.
	SignalPolicyAnnouncements Signal = "PolicyAnnouncements"
)

// SubscriptionSpec is what a Subscription should be.
//
// +kubebuilder:validation:XValidation:rule="self.direction == 'Inbound' || has(self.target)",message="a target is required for direction Outbound"
// +kubebuilder:validation:XValidation:rule="self.direction == 'Outbound' || !has(self.target)",message="a target is for direction Outbound"
// +kubebuilder:validation:XValidation:rule="self.signal != 'PolicyAnnouncements' || !has(self.filter) && !has(self.extraFields)",message="policy announcements have neither filter nor extraFields"
type SubscriptionSpec struct {
	// The Connection that it flows through, in the namespace of the
	// Subscription. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.name == oldSelf.name",message="connectionRef cannot be changed; delete the Subscription and create it again"
	ConnectionRef ConnectionReference `json:"connectionRef,omitzero"`

	// Which way signals flow: Outbound, from the gateway to the other end, or
	// Inbound, which asks a DittoWebSocket's other end for them.
	// +required
	Direction Direction `json:"direction,omitempty"`

	// What flows: TwinEvents, Messages, LiveCommands, LiveEvents or
	// PolicyAnnouncements.
	// +required
	Signal Signal `json:"signal,omitempty"`

	// On whose authority: 1 to 16 subjects. Outbound they must be allowed to read
	// what flows, inbound to write it.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	AuthorizationSubjects []AuthorizationSubject `json:"authorizationSubjects,omitempty"`

	// The namespaces of the entities, 1 to 32. Default: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Namespaces []EntityNamespace `json:"namespaces,omitempty"`

	// An RQL expression that a signal must match, such as
	// gt(attributes/temperature,20); 1 to 4096 characters. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
	Filter *string `json:"filter,omitempty"`

	// What of the thing is added to each signal, a list of fields such as
	// attributes/location,features/gps; 1 to 4096 characters. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
	ExtraFields *string `json:"extraFields,omitempty"`

	// Where signals go; for direction Outbound.
	// +optional
	Target *Target `json:"target,omitempty"`
}

// ConnectionReference names a Connection in the namespace of the object that
// refers to it.
type ConnectionReference struct {
	// The name of the Connection: a lower-case DNS subdomain of at most 253
	// characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be a lower-case DNS subdomain"
	Name string `json:"name,omitempty"`
}

// AuthorizationSubject is a subject of policies, such as "integration:cloud".
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[^:[:cntrl:]]+:[^[:cntrl:]]+$')",message="must be issuer:subject"
type AuthorizationSubject string

// EntityNamespace is a namespace of things and policies.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z][a-zA-Z0-9_]*([.-][a-zA-Z][a-zA-Z0-9_]*)*$')",message="must be segments of letters, digits and underscores that start with a letter, joined by dots or hyphens"
type EntityNamespace string

// TargetPayload is how signals are written.
//
// +kubebuilder:validation:Enum=DittoProtocol;NormalizedThing;RawMessage;CloudEvent
type TargetPayload string

const (
	// TargetDittoProtocol writes them as messages of the Ditto protocol.
	TargetDittoProtocol TargetPayload = "DittoProtocol"
	// TargetNormalizedThing writes a changed thing as a thing.
	TargetNormalizedThing TargetPayload = "NormalizedThing"
	// TargetRawMessage writes the payload of messages and nothing else.
	TargetRawMessage TargetPayload = "RawMessage"
	// TargetCloudEvent writes CloudEvents in structured form.
	TargetCloudEvent TargetPayload = "CloudEvent"
)

// Target is where signals go.
//
// +kubebuilder:validation:XValidation:rule="has(self.payload) && self.payload == 'NormalizedThing' || !has(self.fields) && !has(self.deletedFields)",message="fields and deletedFields are for payload NormalizedThing"
// +kubebuilder:validation:XValidation:rule="!has(self.issuedAck) || !(self.issuedAck in ['twin-persisted', 'search-persisted'])",message="issuedAck must not be twin-persisted or search-persisted"
type Target struct {
	// The address at the other end, a template: a topic of MQTT, a topic and
	// optionally a key of Kafka, a subject of NATS, method and path of HTTPPush
	// as in "POST:/twins/{{ thing:id }}". Not for DittoWebSocket, which has none.
	// Default: none.
	// +optional
	Address *Template `json:"address,omitempty"`

	// Headers, by templates over the signal; at most 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() <= 128 && k.matches('^[a-zA-Z0-9._-]+$'))",message="the keys must be letters, digits, dots, hyphens and underscores, at most 128 characters"
	Headers map[string]Template `json:"headers,omitempty"`

	// How signals are written: DittoProtocol, NormalizedThing, RawMessage or
	// CloudEvent. Default: DittoProtocol.
	// +optional
	Payload *TargetPayload `json:"payload,omitempty"`

	// What of a thing NormalizedThing writes, a list of fields such as
	// thingId,features/gps; 1 to 4096 characters. Default: all.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
	Fields *string `json:"fields,omitempty"`

	// Whether NormalizedThing tells what of a thing was deleted, and when, in
	// _deletedFields: Enabled or Disabled. Default: Disabled.
	// +optional
	DeletedFields *Toggle `json:"deletedFields,omitempty"`

	// How surely signals are delivered: AtMostOnce or AtLeastOnce. Default:
	// AtMostOnce.
	// +optional
	Delivery *DeliveryGuarantee `json:"delivery,omitempty"`

	// The label with which a delivery is acknowledged to whom it was asked for by:
	// one that no other Subscription of the Connection has, or live-response, with
	// which the answer of an HTTP server becomes the response to the message.
	// Default: none.
	// +optional
	IssuedAck *AcknowledgementLabel `json:"issuedAck,omitempty"`
}

// SubscriptionStatus is what a Subscription is.
type SubscriptionStatus struct {
	// The generation of the spec that the rest of the status speaks of; -1 as
	// long as no operator has seen the object.
	// +optional
	// +kubebuilder:default=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// The state of the subscription, one entry for each type of condition.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:default={{type: "Accepted", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "ResolvedRefs", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Programmed", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Active", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}
