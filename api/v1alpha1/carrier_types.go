package v1alpha1

// MQTTVersion is a version of MQTT.
//
// +kubebuilder:validation:Enum=V3;V5
type MQTTVersion string

const (
	// MQTT3 is MQTT 3.1.1.
	MQTT3 MQTTVersion = "V3"
	// MQTT5 is MQTT 5.
	MQTT5 MQTTVersion = "V5"
)

// MQTTOptions are what is particular to MQTT.
//
// +kubebuilder:validation:XValidation:rule="!has(self.sessionExpiry) || !has(self.version) || self.version == 'V5'",message="sessionExpiry is for version V5"
type MQTTOptions struct {
	// The version: V3, which is 3.1.1, or V5. Default: V5.
	// +optional
	Version *MQTTVersion `json:"version,omitempty"`

	// The client id. Default: one made of namespace and name of the Connection.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
	ClientID *string `json:"clientID,omitempty"`

	// How often the broker hears of a silent connection, 5s to 10m.
	// Default: 60s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('5s') && duration(self) <= duration('10m')",message="must be between 5s and 10m"
	KeepAlive *Duration `json:"keepAlive,omitempty"`

	// Whether each connection begins a new session: Enabled, or Disabled, with
	// which the broker keeps what comes in while there is no connection.
	// Default: Disabled.
	// +optional
	CleanStart *Toggle `json:"cleanStart,omitempty"`

	// How long the broker keeps the session while there is no connection, 0s to
	// 8760h; for version V5. Default: 24h, 0s with cleanStart.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('8760h')",message="must be between 0s and 8760h"
	SessionExpiry *Duration `json:"sessionExpiry,omitempty"`

	// What the broker publishes when the connection is lost. Default: nothing.
	// +optional
	LastWill *LastWill `json:"lastWill,omitempty"`
}

// LastWill is what a broker publishes when the connection is lost.
type LastWill struct {
	// The topic.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^+#[:cntrl:]]+$')",message="must be a topic without the wildcards + and #"
	Topic string `json:"topic,omitempty"`

	// The message as it is, 1 to 4096 characters. Default: an empty message.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Message *string `json:"message,omitempty"`

	// The quality of service: 0, 1 or 2. Default: 0.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0 && self <= 2",message="must be between 0 and 2"
	QoS *int32 `json:"qos,omitempty"`

	// Whether the broker keeps the message for later subscribers: Enabled or
	// Disabled. Default: Disabled.
	// +optional
	Retain *Toggle `json:"retain,omitempty"`
}

// SASLMechanism is how a client of Kafka logs in.
//
// +kubebuilder:validation:Enum=Plain;SCRAM-SHA-256;SCRAM-SHA-512
type SASLMechanism string

const (
	// SASLPlain sends the password.
	SASLPlain SASLMechanism = "Plain"
	// SASLScram256 proves its knowledge with SHA-256.
	SASLScram256 SASLMechanism = "SCRAM-SHA-256"
	// SASLScram512 proves its knowledge with SHA-512.
	SASLScram512 SASLMechanism = "SCRAM-SHA-512"
)

// KafkaOptions are what is particular to Kafka.
type KafkaOptions struct {
	// How to log in with the basic credentials. Default: SCRAM-SHA-512.
	// +optional
	SASLMechanism *SASLMechanism `json:"saslMechanism,omitempty"`

	// The consumer group. Default: one made of namespace and name of the
	// Connection.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=249
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9._-]+$')",message="must be letters, digits, dots, hyphens and underscores"
	GroupID *string `json:"groupID,omitempty"`
}

// NATSOptions are what is particular to NATS.
type NATSOptions struct {
	// What the durable consumers of streams are called, before a hyphen and the
	// name of the source. Default: a name made of namespace and name of the
	// Connection.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9_-]+$')",message="must be letters, digits, hyphens and underscores"
	Consumer *string `json:"consumer,omitempty"`

	// The queue group among whose members the server spreads the messages of
	// sources with delivery AtMostOnce. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9._-]+$')",message="must be letters, digits, dots, hyphens and underscores"
	QueueGroup *string `json:"queueGroup,omitempty"`
}

// HTTPMethod is a method of HTTP.
//
// +kubebuilder:validation:Enum=DELETE;GET;PATCH;POST;PUT
type HTTPMethod string

const (
	// HTTPDelete deletes.
	HTTPDelete HTTPMethod = "DELETE"
	// HTTPGet asks.
	HTTPGet HTTPMethod = "GET"
	// HTTPPatch changes in part.
	HTTPPatch HTTPMethod = "PATCH"
	// HTTPPost hands over.
	HTTPPost HTTPMethod = "POST"
	// HTTPPut replaces.
	HTTPPut HTTPMethod = "PUT"
)

// HTTPPushOptions are what is particular to HTTPPush.
type HTTPPushOptions struct {
	// How many requests are under way at once, 1 to 256; those about one thing
	// keep their order. Default: 16.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 256",message="must be between 1 and 256"
	Parallelism *int32 `json:"parallelism,omitempty"`

	// How long a request may take, 100ms to 5m. Default: 30s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('100ms') && duration(self) <= duration('5m')",message="must be between 100ms and 5m"
	Timeout *Duration `json:"timeout,omitempty"`

	// The methods whose requests have no body, 1 to 5.
	// Default: ["DELETE", "GET"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	OmitBody []HTTPMethod `json:"omitBody,omitempty"`
}
