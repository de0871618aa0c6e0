package v1alpha1

// Source is something that is consumed.
//
// +kubebuilder:validation:XValidation:rule="!has(self.payload) || self.payload != 'ImplicitThing' || has(self.implicitThing)",message="implicitThing is required for payload ImplicitThing"
// +kubebuilder:validation:XValidation:rule="!has(self.qos) || self.qos > 0 || has(self.delivery) && self.delivery == 'AtMostOnce'",message="qos 0 is for delivery AtMostOnce"
// +kubebuilder:validation:XValidation:rule="has(self.replyTo) || !has(self.replyHeaders) && !has(self.replies)",message="replyHeaders and replies need replyTo"
type Source struct {
	// The name of the source within the Connection: letters, digits and hyphens,
	// 1 to 63.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9-]+$')",message="must be letters, digits and hyphens"
	Name string `json:"name,omitempty"`

	// What is consumed: topic filters of MQTT, topics of Kafka, subjects of NATS;
	// 1 to 16.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Addresses []Address `json:"addresses,omitempty"`

	// On whose authority messages are taken as commands: 1 to 16 subjects, with
	// placeholders.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	AuthorizationSubjects []SubjectTemplate `json:"authorizationSubjects,omitempty"`

	// How surely messages are consumed: AtMostOnce acknowledges them when they
	// arrive, AtLeastOnce when what they ask for is done. Default: AtLeastOnce.
	// +optional
	Delivery *DeliveryGuarantee `json:"delivery,omitempty"`

	// The quality of service of the subscription at an MQTT broker: 0, 1 or 2.
	// Default: 0 with AtMostOnce, 1 with AtLeastOnce.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0 && self <= 2",message="must be between 0 and 2"
	QoS *int32 `json:"qos,omitempty"`

	// Which entities a message may be about. Default: all that the subjects may
	// write to.
	// +optional
	Enforcement *Enforcement `json:"enforcement,omitempty"`

	// How a message becomes a command: DittoProtocol, RawMessage or
	// ImplicitThing. Default: DittoProtocol.
	// +optional
	Payload *SourcePayload `json:"payload,omitempty"`

	// The thing that is created, unless it exists, before a message is taken.
	// Payload ImplicitThing requires it and does nothing else. Default: none.
	// +optional
	ImplicitThing *ImplicitThing `json:"implicitThing,omitempty"`

	// Headers of the command, by templates over the message; at most 32.
	// Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() <= 128 && k.matches('^[a-zA-Z0-9._-]+$'))",message="the keys must be letters, digits, dots, hyphens and underscores, at most 128 characters"
	Headers map[string]Template `json:"headers,omitempty"`

	// Acknowledgements that are asked for with each command, at most 8.
	// Default: twin-persisted with AtLeastOnce, none else.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	RequestedAcks []AcknowledgementLabel `json:"requestedAcks,omitempty"`

	// Acknowledgements that may come in through this source, at most 8; none that
	// the gateway gives itself. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:XValidation:rule="!self.exists(l, l in ['twin-persisted', 'search-persisted', 'live-response'])",message="must not be twin-persisted, search-persisted or live-response"
	DeclaredAcks []AcknowledgementLabel `json:"declaredAcks,omitempty"`

	// Where responses go, a template. Default: responses are dropped.
	// +optional
	ReplyTo *Template `json:"replyTo,omitempty"`

	// Headers of responses, by templates over the message and the response; at most
	// 32. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() <= 128 && k.matches('^[a-zA-Z0-9._-]+$'))",message="the keys must be letters, digits, dots, hyphens and underscores, at most 128 characters"
	ReplyHeaders map[string]Template `json:"replyHeaders,omitempty"`

	// Which responses go there: Response, Error and Nack, 1 to 3 of them.
	// Default: ["Error", "Response"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Replies []ReplyKind `json:"replies,omitempty"`
}

// Address is an address of a broker.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
type Address string

// Template is text with placeholders such as {{ thing:id }}.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$') && self.split('{{').size() == self.split('}}').size()",message="must be text without control characters, with as many {{ as }}"
type Template string

// AcknowledgementLabel is the label of an acknowledgement.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=165
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9_:-]+$')",message="must be letters, digits, hyphens, underscores and colons"
type AcknowledgementLabel string

// DeliveryGuarantee says how surely messages are delivered.
//
// +kubebuilder:validation:Enum=AtMostOnce;AtLeastOnce
type DeliveryGuarantee string

const (
	// AtMostOnce may lose a message.
	AtMostOnce DeliveryGuarantee = "AtMostOnce"
	// AtLeastOnce may deliver a message twice.
	AtLeastOnce DeliveryGuarantee = "AtLeastOnce"
)

// Enforcement lets a message pass only if its input equals one of the filters,
// so that a device speaks for itself alone.
type Enforcement struct {
	// What is compared, a template over the message, such as
	// {{ source:address }}.
	// +required
	Input Template `json:"input,omitempty"`

	// What it is compared with, 1 to 8 templates over the entity, such as
	// devices/{{ thing:name }}/up.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Filters []Template `json:"filters,omitempty"`
}

// SourcePayload says how a message becomes a command.
//
// +kubebuilder:validation:Enum=DittoProtocol;RawMessage;ImplicitThing
type SourcePayload string

const (
	// SourceDittoProtocol takes messages of the Ditto protocol.
	SourceDittoProtocol SourcePayload = "DittoProtocol"
	// SourceRawMessage takes the payload as that of a message to a thing.
	SourceRawMessage SourcePayload = "RawMessage"
	// SourceImplicitThing creates the thing that a message is from.
	SourceImplicitThing SourcePayload = "ImplicitThing"
)

// ImplicitThing is a thing that is created because a message is about it.
type ImplicitThing struct {
	// The thing, JSON of 2 to 16384 characters with templates over the message in
	// its strings: with a thingId, and a policyId, a _policy or a _copyPolicyFrom
	// unless the thing gets a policy of its own with all rights for the subjects of
	// the source. Templates in keys are resolved, too.
	// +required
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=16384
	Thing string `json:"thing,omitempty"`
}

// ReplyKind is a kind of response to a message.
//
// +kubebuilder:validation:Enum=Response;Error;Nack
type ReplyKind string

const (
	// ReplyResponse says that a command was done.
	ReplyResponse ReplyKind = "Response"
	// ReplyError says that it was not done.
	ReplyError ReplyKind = "Error"
	// ReplyNack is acknowledgements of which one is negative.
	ReplyNack ReplyKind = "Nack"
)
