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
	// Payload is how a message becomes a command.
	Payload SourcePayload `json:"payload"`
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
}

// Enforcement lets a message pass only if what Input resolves to equals what one
// of Filters does.
type Enforcement struct {
	// Input is a template over the message.
	Input string `json:"input"`
	// Filters are templates over the entity, sorted and at least one.
	Filters []string `json:"filters"`
}
