package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ConnectionKind is the kind of a Connection as manifests write it.
const ConnectionKind = "Connection"

// Connection is one managed link between a Gateway and an outside system. What
// flows out through it, and what is asked of the other end, say Subscriptions.
//
// +genclient
// +kubebuilder:ac:generate=true
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=connections,scope=Namespaced,shortName=twconn,categories=twinway
// +kubebuilder:selectablefield:JSONPath=.spec.gatewayRef.name
// +kubebuilder:printcolumn:name="Gateway",type=string,JSONPath=`.spec.gatewayRef.name`,description="The Gateway that keeps the connection."
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`,description="The protocol of the other end."
// +kubebuilder:printcolumn:name="Connected",type=string,JSONPath=`.status.conditions[?(@.type=="Connected")].status`,description="Whether the connection is open."
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Whether the connection is as its spec says."
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,description="Why it is ready or not."
// +kubebuilder:printcolumn:name="Subscriptions",type=integer,priority=1,JSONPath=`.status.subscriptions`,description="How many Subscriptions refer to the connection."
// +kubebuilder:printcolumn:name="URI",type=string,priority=1,JSONPath=`.spec.uri`,description="Where the other end is."
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,description="Why, in words."
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Connection struct {
	metav1.TypeMeta `json:",inline"`
	// Standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What the connection should be.
	// +required
	Spec ConnectionSpec `json:"spec,omitzero"`

	// What the connection is, written by the operator.
	// +optional
	// +kubebuilder:default={}
	Status ConnectionStatus `json:"status,omitzero"`
}

// ConnectionList is a list of Connections.
//
// +kubebuilder:object:root=true
type ConnectionList struct {
	metav1.TypeMeta `json:",inline"`
	// Standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	// The Connections.
	Items []Connection `json:"items"`
}

// ConnectionType names the protocol of the other end.
//
// +kubebuilder:validation:Enum=DittoWebSocket;HTTPPush;MQTT;Kafka;NATS
type ConnectionType string

const (
	// ConnectionDittoWebSocket is a client of another Ditto-protocol endpoint.
	ConnectionDittoWebSocket ConnectionType = "DittoWebSocket"
	// ConnectionHTTPPush sends one HTTP request for each signal.
	ConnectionHTTPPush ConnectionType = "HTTPPush"
	// ConnectionMQTT is a client of an MQTT broker, 3.1.1 or 5.
	ConnectionMQTT ConnectionType = "MQTT"
	// ConnectionKafka is a client of a Kafka cluster.
	ConnectionKafka ConnectionType = "Kafka"
	// ConnectionNATS is a client of a NATS server.
	ConnectionNATS ConnectionType = "NATS"
)

// ConnectionState is the state that is desired.
//
// +kubebuilder:validation:Enum=Open;Closed
type ConnectionState string

const (
	// ConnectionOpen keeps the connection open.
	ConnectionOpen ConnectionState = "Open"
	// ConnectionClosed keeps it closed.
	ConnectionClosed ConnectionState = "Closed"
)

// ConnectionSpec is what a Connection should be.
//
// +kubebuilder:validation:XValidation:rule="self.type == 'DittoWebSocket' ? self.uri.matches('^wss?://') : self.type == 'HTTPPush' ? self.uri.matches('^https?://') : self.type == 'MQTT' ? self.uri.matches('^(mqtts?|tcp|ssl)://') : self.type == 'Kafka' ? self.uri.matches('^(tcp|ssl)://') : self.uri.matches('^(nats|tls)://')",message="the scheme of uri must fit type: ws or wss for DittoWebSocket, http or https for HTTPPush, mqtt, mqtts, tcp or ssl for MQTT, tcp or ssl for Kafka, nats or tls for NATS"
// +kubebuilder:validation:XValidation:rule="self.type == 'Kafka' || isURL(self.uri) && !self.uri.contains(',')",message="uri must be one URL; only for type Kafka it may have several addresses"
// +kubebuilder:validation:XValidation:rule="!has(self.tls) || self.uri.matches('^(wss|https|mqtts|ssl|tls)://')",message="tls is for URIs with the scheme wss, https, mqtts, ssl or tls"
// +kubebuilder:validation:XValidation:rule="!has(self.credentials) || !has(self.credentials.clientCertificate) || self.uri.matches('^(wss|https|mqtts|ssl|tls)://')",message="credentials.clientCertificate is for URIs with the scheme wss, https, mqtts, ssl or tls"
// +kubebuilder:validation:XValidation:rule="!has(self.credentials) || !has(self.credentials.bearer) || self.type in ['DittoWebSocket', 'HTTPPush', 'NATS']",message="credentials.bearer is for types DittoWebSocket, HTTPPush and NATS"
// +kubebuilder:validation:XValidation:rule="!has(self.credentials) || !has(self.credentials.oauth2) || self.type in ['DittoWebSocket', 'HTTPPush']",message="credentials.oauth2 is for types DittoWebSocket and HTTPPush"
// +kubebuilder:validation:XValidation:rule="!has(self.kafka) || !has(self.kafka.saslMechanism) || has(self.credentials) && has(self.credentials.basic)",message="kafka.saslMechanism needs credentials.basic"
// +kubebuilder:validation:XValidation:rule="!has(self.mqtt) || self.type == 'MQTT'",message="mqtt is for type MQTT"
// +kubebuilder:validation:XValidation:rule="!has(self.kafka) || self.type == 'Kafka'",message="kafka is for type Kafka"
// +kubebuilder:validation:XValidation:rule="!has(self.httpPush) || self.type == 'HTTPPush'",message="httpPush is for type HTTPPush"
// +kubebuilder:validation:XValidation:rule="!has(self.sources) || self.type in ['MQTT', 'Kafka', 'NATS']",message="sources are for types MQTT, Kafka and NATS; what a DittoWebSocket receives say Subscriptions with direction Inbound"
type ConnectionSpec struct {
	// The Gateway that keeps the connection, in the namespace of the Connection.
	// It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.name == oldSelf.name",message="gatewayRef cannot be changed; delete the Connection and create it again"
	GatewayRef GatewayReference `json:"gatewayRef,omitzero"`

	// The protocol of the other end: DittoWebSocket, HTTPPush, MQTT, Kafka or
	// NATS. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="type cannot be changed; delete the Connection and create it again"
	Type ConnectionType `json:"type,omitempty"`

	// Whether the connection is kept open: Open or Closed. Default: Open.
	// +optional
	State *ConnectionState `json:"state,omitempty"`

	// Where the other end is: scheme, host, port and path, without user name,
	// password, query and fragment; 1 to 2048 characters. A Kafka cluster may
	// have several addresses with commas between them.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]+://[^/@?#[:space:][:cntrl:]]+(/[^@?#[:space:][:cntrl:]]*)?$')",message="must be scheme://host:port/path, without user name, password, query and fragment"
	URI string `json:"uri,omitempty"`

	// How the gateway proves who it is. Default: it does not.
	// +optional
	Credentials *ConnectionCredentials `json:"credentials,omitempty"`

	// How the other end is verified where the scheme asks for TLS. Default: by
	// the certificate authorities of the system.
	// +optional
	TLS *ConnectionTLS `json:"tls,omitempty"`

	// How a lost connection is made again. Default: the default of each field.
	// +optional
	Reconnect *Reconnect `json:"reconnect,omitempty"`

	// What is consumed, 1 to 16 sources. Default: none.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Sources []Source `json:"sources,omitempty"`

	// What is particular to MQTT.
	// +optional
	MQTT *MQTTOptions `json:"mqtt,omitempty"`

	// What is particular to Kafka.
	// +optional
	Kafka *KafkaOptions `json:"kafka,omitempty"`

	// What is particular to HTTPPush.
	// +optional
	HTTPPush *HTTPPushOptions `json:"httpPush,omitempty"`
}

// GatewayReference names a Gateway in the namespace of the object that refers
// to it.
type GatewayReference struct {
	// The name of the Gateway: a DNS label that begins with a letter, of at most
	// 40 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="must be a DNS label that begins with a letter"
	Name string `json:"name,omitempty"`
}

// ConnectionCredentials are how the gateway proves who it is, in exactly one
// way.
//
// +kubebuilder:validation:XValidation:rule="[has(self.basic), has(self.bearer), has(self.oauth2), has(self.clientCertificate)].filter(x, x).size() == 1",message="must have exactly one of basic, bearer, oauth2 and clientCertificate"
type ConnectionCredentials struct {
	// A Secret with the keys username and password. Default: none.
	// +optional
	Basic *SecretReference `json:"basic,omitempty"`

	// A token that is sent as it is. Default: none.
	// +optional
	Bearer *KeyReference `json:"bearer,omitempty"`

	// A token that is fetched with the client credentials grant. Default: none.
	// +optional
	OAuth2 *OAuth2ClientCredentials `json:"oauth2,omitempty"`

	// A Secret of type kubernetes.io/tls, with the keys tls.crt and tls.key.
	// Default: none.
	// +optional
	ClientCertificate *SecretReference `json:"clientCertificate,omitempty"`
}

// OAuth2ClientCredentials fetches tokens with the client credentials grant.
type OAuth2ClientCredentials struct {
	// Where tokens are fetched, an HTTPS URL of 1 to 2048 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^https://[^/@?#[:space:][:cntrl:]]+(/[^@#[:space:][:cntrl:]]*)?$')",message="must be an HTTPS URL without user name and fragment"
	TokenEndpoint string `json:"tokenEndpoint,omitempty"`

	// A Secret with the keys client-id and client-secret.
	// +required
	ClientSecretRef SecretReference `json:"clientSecretRef,omitzero"`

	// The scopes that are asked for, at most 16. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Scopes []Scope `json:"scopes,omitempty"`

	// The audience that is asked for. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
	Audience *string `json:"audience,omitempty"`
}

// Scope is a scope of OAuth 2.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[[:graph:]]+$') && !self.contains('\"')",message="must be printable ASCII characters without spaces and quotes"
type Scope string

// ConnectionTLS is how the other end is verified.
type ConnectionTLS struct {
	// The certificate authorities that are trusted, and no others, in PEM form.
	// Default: those of the system.
	// +optional
	CA *ContentReference `json:"ca,omitempty"`

	// The name that the certificate must have. Default: the host of the URI.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?([.][a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*$') || isIP(self)",message="must be a DNS name or an IP address"
	ServerName *string `json:"serverName,omitempty"`
}

// Reconnect is how a lost connection is made again: after a delay that doubles,
// with a random part.
//
// +kubebuilder:validation:XValidation:rule="duration(self.?initialDelay.orValue('1s')) <= duration(self.?maxDelay.orValue('1m'))",message="initialDelay, 1s by default, must not be above maxDelay, 1m by default"
type Reconnect struct {
	// The first delay, 100ms to 10m. Default: 1s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('100ms') && duration(self) <= duration('10m')",message="must be between 100ms and 10m"
	InitialDelay *Duration `json:"initialDelay,omitempty"`

	// The longest delay, 1s to 1h. Default: 1m.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('1h')",message="must be between 1s and 1h"
	MaxDelay *Duration `json:"maxDelay,omitempty"`
}

// Source is something that is consumed.
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

	// Which entities a message may be about. Default: all that the subjects may
	// write to.
	// +optional
	Enforcement *Enforcement `json:"enforcement,omitempty"`

	// How a message becomes a command: DittoProtocol, RawMessage or
	// ImplicitThing. Default: DittoProtocol.
	// +optional
	Payload *SourcePayload `json:"payload,omitempty"`

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

	// Acknowledgements that may come in through this source, at most 8.
	// Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	DeclaredAcks []AcknowledgementLabel `json:"declaredAcks,omitempty"`

	// Where responses go, a template. Default: responses are dropped.
	// +optional
	ReplyTo *Template `json:"replyTo,omitempty"`
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
}

// ConnectionStatus is what a Connection is.
type ConnectionStatus struct {
	// The generation of the spec that the rest of the status speaks of; -1 as
	// long as no operator has seen the object.
	// +optional
	// +kubebuilder:default=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// The state of the connection, one entry for each type of condition.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:default={{type: "Accepted", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "ResolvedRefs", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Programmed", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Connected", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}, {type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for the operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// How many Subscriptions refer to the connection.
	// +optional
	// +kubebuilder:default=0
	Subscriptions int32 `json:"subscriptions,omitempty"`
}
