package snapshot

import "time"

// ConnectionType names the protocol of the other end of a Connection.
type ConnectionType string

const (
	// ConnectionDittoWebSocket is a client of another Ditto-protocol endpoint.
	ConnectionDittoWebSocket ConnectionType = "DittoWebSocket"
	// ConnectionHTTPPush sends one HTTP request for each signal.
	ConnectionHTTPPush ConnectionType = "HTTPPush"
	// ConnectionMQTT is a client of an MQTT broker.
	ConnectionMQTT ConnectionType = "MQTT"
	// ConnectionKafka is a client of a Kafka cluster.
	ConnectionKafka ConnectionType = "Kafka"
	// ConnectionNATS is a client of a NATS server.
	ConnectionNATS ConnectionType = "NATS"
)

// ConnectionState is the state of a Connection that is desired.
type ConnectionState string

const (
	// ConnectionOpen keeps it open.
	ConnectionOpen ConnectionState = "Open"
	// ConnectionClosed keeps it closed.
	ConnectionClosed ConnectionState = "Closed"
)

// Connection is one link to an outside system. What its credentials and its
// certificate authorities are was looked up.
type Connection struct {
	// Name is unique among the Connections of the gateway.
	Name string `json:"name"`
	// Type is the protocol of the other end.
	Type ConnectionType `json:"type"`
	// State is the state that is desired.
	State ConnectionState `json:"state"`
	// URI is where the other end is: a scheme that fits Type, host, port and
	// path; several hosts with commas between them for Kafka.
	URI string `json:"uri"`
	// Credentials is how the gateway proves who it is; nil when it does not.
	Credentials *Credentials `json:"credentials,omitempty"`
	// TLS is how the other end is verified where the scheme asks for TLS.
	TLS ConnectionTLS `json:"tls"`
	// Reconnect is how a lost connection is made again.
	Reconnect Reconnect `json:"reconnect"`
	// Sources are what is consumed, sorted by name.
	Sources []Source `json:"sources,omitempty"`
	// MQTT is set for type MQTT and no other.
	MQTT *MQTT `json:"mqtt,omitempty"`
	// Kafka is set for type Kafka and no other.
	Kafka *Kafka `json:"kafka,omitempty"`
	// NATS is set for type NATS and no other.
	NATS *NATS `json:"nats,omitempty"`
	// HTTPPush is set for type HTTPPush and no other.
	HTTPPush *HTTPPush `json:"httpPush,omitempty"`
}

// Credentials is how the gateway proves who it is, in exactly one way.
type Credentials struct {
	// Basic is a user name and a password.
	Basic *BasicCredentials `json:"basic,omitempty"`
	// Bearer is a token that is sent as it is; empty for another way.
	Bearer SecretContent `json:"bearer,omitempty"`
	// OAuth2 fetches tokens.
	OAuth2 *OAuth2ClientCredentials `json:"oauth2,omitempty"`
	// ClientCertificate is shown in the TLS handshake.
	ClientCertificate *ClientCertificate `json:"clientCertificate,omitempty"`
	// HMAC signs each request.
	HMAC *HMAC `json:"hmac,omitempty"`
}

// HMACAlgorithm says how requests are signed.
type HMACAlgorithm string

const (
	// HMACAWS4 is version 4 of Amazon's signatures.
	HMACAWS4 HMACAlgorithm = "AWS4-HMAC-SHA256"
	// HMACAzureMonitor is that of Azure Monitor's data collector.
	HMACAzureMonitor HMACAlgorithm = "AzureMonitor-2016-04-01"
	// HMACAzureSAS are shared access signatures of Azure.
	HMACAzureSAS HMACAlgorithm = "AzureSAS"
)

// ContentHash says what AWS4-HMAC-SHA256 says of the content.
type ContentHash string

const (
	// ContentHashExcluded signs the content, and has no header that says so.
	ContentHashExcluded ContentHash = "Excluded"
	// ContentHashIncluded signs the content, and the header x-amz-content-sha256.
	ContentHashIncluded ContentHash = "Included"
	// ContentHashUnsigned does not sign the content, and says so in that header.
	ContentHashUnsigned ContentHash = "Unsigned"
)

// HMAC signs requests with a key that both ends know.
type HMAC struct {
	// Algorithm is how.
	Algorithm HMACAlgorithm `json:"algorithm"`
	// KeyID names the key: the access key, the workspace, or the name of the
	// shared key.
	KeyID SecretContent `json:"keyId"`
	// Key is the key; base64 but for AWS4-HMAC-SHA256.
	Key SecretContent `json:"key"`
	// Region and Service are those of AWS4-HMAC-SHA256.
	Region  string `json:"region,omitempty"`
	Service string `json:"service,omitempty"`
	// ContentHash is set for AWS4-HMAC-SHA256.
	ContentHash ContentHash `json:"contentHash,omitempty"`
	// SingleEncoding encodes paths once, as S3 has it, and not twice.
	SingleEncoding bool `json:"singleEncoding,omitempty"`
	// SignedHeaders are headers that AWS4-HMAC-SHA256 signs, in lower case, sorted
	// and with host.
	SignedHeaders []string `json:"signedHeaders,omitempty"`
	// Endpoint is the resource that AzureSAS gives access to.
	Endpoint string `json:"endpoint,omitempty"`
	// TTL is how long a signature of AzureSAS is valid. Encoded in nanoseconds.
	TTL time.Duration `json:"ttl,omitempty"`
}

// BasicCredentials are a user name and a password.
type BasicCredentials struct {
	// Username is not empty.
	Username SecretContent `json:"username"`
	// Password is not empty.
	Password SecretContent `json:"password"`
}

// OAuth2ClientCredentials fetches tokens with the client credentials grant.
type OAuth2ClientCredentials struct {
	// TokenEndpoint is where tokens are fetched, an HTTPS URL.
	TokenEndpoint string `json:"tokenEndpoint"`
	// ClientID is who fetches them.
	ClientID SecretContent `json:"clientId"`
	// ClientSecret proves it.
	ClientSecret SecretContent `json:"clientSecret"`
	// Scopes are asked for, sorted.
	Scopes []string `json:"scopes,omitempty"`
	// Audience is asked for; empty for none.
	Audience string `json:"audience,omitempty"`
}

// ClientCertificate is a certificate with its key.
type ClientCertificate struct {
	// Certificate is a chain in PEM, the client's own certificate first.
	Certificate Content `json:"certificate"`
	// Key is the private key of the first certificate, in PEM.
	Key SecretContent `json:"key"`
}

// ConnectionTLS is how the other end is verified.
type ConnectionTLS struct {
	// CA is the certificates, in PEM, of the authorities that are trusted; empty
	// for those of the system.
	CA Content `json:"ca,omitempty"`
	// ServerName is the name that the certificate must have; empty for the host
	// of the URI.
	ServerName string `json:"serverName,omitempty"`
}

// Reconnect is how a lost connection is made again: after a delay that doubles.
// Durations are encoded in nanoseconds.
type Reconnect struct {
	// InitialDelay is the first delay.
	InitialDelay time.Duration `json:"initialDelay"`
	// MaxDelay is the longest delay, not below InitialDelay.
	MaxDelay time.Duration `json:"maxDelay"`
}

// MQTTVersion is a version of MQTT.
type MQTTVersion string

const (
	// MQTT3 is MQTT 3.1.1.
	MQTT3 MQTTVersion = "V3"
	// MQTT5 is MQTT 5.
	MQTT5 MQTTVersion = "V5"
)

// MQTT is what is particular to MQTT.
type MQTT struct {
	// Version is the version that is spoken.
	Version MQTTVersion `json:"version"`
	// ClientID is what the broker knows the gateway by.
	ClientID string `json:"clientId"`
	// KeepAlive is how often the broker hears of a silent connection. Encoded in
	// nanoseconds.
	KeepAlive time.Duration `json:"keepAlive"`
	// CleanStart forgets what the broker has kept of the session before.
	CleanStart bool `json:"cleanStart,omitempty"`
	// SessionExpiry is how long the broker keeps the session without a
	// connection; for MQTT 5 only. Encoded in nanoseconds.
	SessionExpiry time.Duration `json:"sessionExpiry,omitempty"`
	// LastWill is what the broker publishes when the connection is lost; nil for
	// nothing.
	LastWill *LastWill `json:"lastWill,omitempty"`
}

// LastWill is what a broker publishes when the connection is lost.
type LastWill struct {
	// Topic is where.
	Topic string `json:"topic"`
	// Message is the payload, as it is.
	Message string `json:"message,omitempty"`
	// QoS is 0, 1 or 2.
	QoS int `json:"qos,omitempty"`
	// Retain says that the broker keeps it for later subscribers.
	Retain bool `json:"retain,omitempty"`
}

// SASLMechanism is how a client of Kafka logs in.
type SASLMechanism string

const (
	// SASLPlain sends the password.
	SASLPlain SASLMechanism = "Plain"
	// SASLScram256 proves that it is known, with SHA-256.
	SASLScram256 SASLMechanism = "SCRAM-SHA-256"
	// SASLScram512 proves that it is known, with SHA-512.
	SASLScram512 SASLMechanism = "SCRAM-SHA-512"
)

// Kafka is what is particular to Kafka.
type Kafka struct {
	// SASLMechanism is how to log in with basic credentials; empty without them.
	SASLMechanism SASLMechanism `json:"saslMechanism,omitempty"`
	// GroupID is the consumer group.
	GroupID string `json:"groupId"`
}

// NATS is what is particular to NATS.
type NATS struct {
	// Consumer is what the durable consumers of streams are called, before the
	// name of the source.
	Consumer string `json:"consumer"`
	// QueueGroup is the group among whose members messages are spread that are
	// consumed at most once; empty for none.
	QueueGroup string `json:"queueGroup,omitempty"`
}

// HTTPPush is what is particular to HTTPPush.
type HTTPPush struct {
	// Parallelism is how many requests may be under way at once.
	Parallelism int `json:"parallelism"`
	// Timeout is how long a request may take. Encoded in nanoseconds.
	Timeout time.Duration `json:"timeout"`
	// OmitBody are the methods whose requests have no body, sorted.
	OmitBody []string `json:"omitBody,omitempty"`
}
