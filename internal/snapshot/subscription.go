package snapshot

// Direction says which way signals flow.
type Direction string

const (
	// Outbound flows from the gateway to the other end.
	Outbound Direction = "Outbound"
	// Inbound flows from the other end into the gateway.
	Inbound Direction = "Inbound"
)

// Signal names what flows.
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

// TargetPayload is how signals are written.
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

// Subscription is what flows through a Connection.
type Subscription struct {
	// Name is unique among the Subscriptions of the gateway.
	Name string `json:"name"`
	// Connection is the name of a Connection of the same snapshot.
	Connection string `json:"connection"`
	// Direction is which way signals flow.
	Direction Direction `json:"direction"`
	// Signal is what flows.
	Signal Signal `json:"signal"`
	// AuthorizationSubjects are the subjects, at least one, on whose authority
	// they flow, in the order that was given.
	AuthorizationSubjects []string `json:"authorizationSubjects"`
	// Namespaces are those of the entities, sorted; empty for all.
	Namespaces []string `json:"namespaces,omitempty"`
	// Filter is an RQL expression that a signal must match; empty for none.
	Filter string `json:"filter,omitempty"`
	// ExtraFields selects what of the thing is added to each signal; empty for
	// nothing.
	ExtraFields string `json:"extraFields,omitempty"`
	// Target is where signals go; nil for direction Inbound and for no other.
	Target *Target `json:"target,omitempty"`
}

// Target is where signals go. Templates are over the signal.
type Target struct {
	// Address is a template of the address at the other end; empty where the
	// type of the Connection has none.
	Address string `json:"address,omitempty"`
	// Headers are templates of headers, by name.
	Headers map[string]string `json:"headers,omitempty"`
	// Payload is how signals are written.
	Payload TargetPayload `json:"payload"`
	// Fields selects what of a thing NormalizedThing writes; empty for all.
	Fields string `json:"fields,omitempty"`
	// DeletedFields says that NormalizedThing tells what was deleted, too.
	DeletedFields bool `json:"deletedFields,omitempty"`
	// Delivery is how surely signals are delivered.
	Delivery DeliveryGuarantee `json:"delivery"`
	// IssuedAck is the label with which a delivery is acknowledged; empty for
	// none.
	IssuedAck string `json:"issuedAck,omitempty"`
}
