package snapshot

// DeliveryGuarantee says how surely messages are delivered.
type DeliveryGuarantee string

const (
	// AtMostOnce may lose a message.
	AtMostOnce DeliveryGuarantee = "AtMostOnce"
	// AtLeastOnce may deliver a message twice.
	AtLeastOnce DeliveryGuarantee = "AtLeastOnce"
)

// SourcePayload says how a message becomes a command.
type SourcePayload string

const (
	// SourceDittoProtocol takes messages of the Ditto protocol.
	SourceDittoProtocol SourcePayload = "DittoProtocol"
	// SourceRawMessage takes the payload as that of a message to a thing.
	SourceRawMessage SourcePayload = "RawMessage"
	// SourceImplicitThing creates the thing that a message is from.
	SourceImplicitThing SourcePayload = "ImplicitThing"
)

// Source is something that a Connection consumes. Templates are over the
// message that came in.
type Source struct {
	// Name is unique among the sources of the Connection.
	Name string `json:"name"`
	// Addresses are what is consumed, sorted and at least one.
	Addresses []string `json:"addresses"`
	// AuthorizationSubjects are templates, at least one, of the subjects on whose
	// authority messages are taken as commands. Their order is that of the
	// subjects.
	AuthorizationSubjects []string `json:"authorizationSubjects"`
	// Delivery is how surely messages are consumed.
	Delivery DeliveryGuarantee `json:"delivery"`
	// Enforcement is which entities a message may be about; nil for all that the
	// subjects may write to.
	Enforcement *Enforcement `json:"enforcement,omitempty"`
	// QoS is that of MQTT, 0 to 2; nil for other types.
	QoS *int `json:"qos,omitempty"`
	// Payload is how a message becomes a command.
	Payload SourcePayload `json:"payload"`
	// ImplicitThing is a thing that is created before a message about it is
	// taken, unless it exists; nil for none. It is set for payload ImplicitThing,
	// with which nothing else is done.
	ImplicitThing *ImplicitThing `json:"implicitThing,omitempty"`
	// Headers are templates of headers of the command, by name in lower case.
	Headers map[string]string `json:"headers,omitempty"`
	// RequestedAcks are the labels of the acknowledgements that are asked for
	// with each command, sorted.
	RequestedAcks []string `json:"requestedAcks,omitempty"`
	// DeclaredAcks are the labels of the acknowledgements that may come in,
	// sorted.
	DeclaredAcks []string `json:"declaredAcks,omitempty"`
	// ReplyTo is a template of where responses go; empty when they are dropped.
	ReplyTo string `json:"replyTo,omitempty"`
	// ReplyHeaders are templates of headers of responses, by name.
	ReplyHeaders map[string]string `json:"replyHeaders,omitempty"`
	// Replies are the kinds of responses that go there, sorted; empty when there
	// is no ReplyTo.
	Replies []ReplyKind `json:"replies,omitempty"`
}

// ReplyKind is a kind of response to a message.
type ReplyKind string

const (
	// ReplyError says that a command was not done.
	ReplyError ReplyKind = "Error"
	// ReplyNack is acknowledgements of which one is negative.
	ReplyNack ReplyKind = "Nack"
	// ReplyResponse says that it was done.
	ReplyResponse ReplyKind = "Response"
)

// ImplicitThing is a thing that is created because a message is about it.
type ImplicitThing struct {
	// Thing is a template of the thing, JSON, with thingId and a policyId, a
	// _policy or a _copyPolicyFrom.
	Thing string `json:"thing"`
}

// Enforcement lets a message pass only if what Input resolves to equals what one
// of Filters does.
type Enforcement struct {
	// Input is a template over the message.
	Input string `json:"input"`
	// Filters are templates over the entity, sorted and at least one.
	Filters []string `json:"filters"`
}
