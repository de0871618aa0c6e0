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
// +kubebuilder:validation:XValidation:rule="!has(self.credentials) || !has(self.credentials.hmac) || self.type == 'HTTPPush'",message="credentials.hmac is for type HTTPPush"
// +kubebuilder:validation:XValidation:rule="!has(self.kafka) || !has(self.kafka.saslMechanism) || has(self.credentials) && has(self.credentials.basic)",message="kafka.saslMechanism needs credentials.basic"
// +kubebuilder:validation:XValidation:rule="!has(self.mqtt) || self.type == 'MQTT'",message="mqtt is for type MQTT"
// +kubebuilder:validation:XValidation:rule="!has(self.kafka) || self.type == 'Kafka'",message="kafka is for type Kafka"
// +kubebuilder:validation:XValidation:rule="!has(self.nats) || self.type == 'NATS'",message="nats is for type NATS"
// +kubebuilder:validation:XValidation:rule="!has(self.httpPush) || self.type == 'HTTPPush'",message="httpPush is for type HTTPPush"
// +kubebuilder:validation:XValidation:rule="!has(self.sources) || self.type in ['MQTT', 'Kafka', 'NATS']",message="sources are for types MQTT, Kafka and NATS; what a DittoWebSocket receives say Subscriptions with direction Inbound"
// +kubebuilder:validation:XValidation:rule="self.type == 'MQTT' || !has(self.sources) || self.sources.all(s, !has(s.qos))",message="qos of a source is for type MQTT"
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

	// What is particular to NATS.
	// +optional
	NATS *NATSOptions `json:"nats,omitempty"`

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
