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

// HTTPPush is what is particular to HTTPPush.
type HTTPPush struct {
	// Parallelism is how many requests may be under way at once.
	Parallelism int `json:"parallelism"`
	// Timeout is how long a request may take. Encoded in nanoseconds.
	Timeout time.Duration `json:"timeout"`
}
