package snapshot

import "time"

// FormatVersion is the version of the encoding that this package writes.
const FormatVersion = 1

// Snapshot is the effective configuration of one gateway. The names in its
// encoding are those of the Gateway's spec, where the spec has the field.
type Snapshot struct {
	// Version is the version of the encoding: FormatVersion.
	Version int `json:"version"`
	// Gateway is the Gateway that the snapshot was compiled from.
	Gateway Identity `json:"gateway"`
	// Listener is where clients connect.
	Listener Listener `json:"listener"`
	// Authentication is who may connect.
	Authentication Authentication `json:"authentication"`
	// EntityCreation is who may create things and policies.
	EntityCreation EntityCreation `json:"entityCreation"`
	// NamespaceAccess says which namespaces sessions may reach. A namespace is
	// open to a session if a rule that applies to it opens the namespace; without
	// any rule all namespaces are open.
	NamespaceAccess []NamespaceRule `json:"namespaceAccess,omitempty"`
	// Policies is how policies are kept.
	Policies Policies `json:"policies"`
	// Storage is where things and policies are kept.
	Storage Storage `json:"storage"`
	// Search is how things are searched for.
	Search Search `json:"search,omitzero"`
	// HTTP is how the HTTP API is served.
	HTTP HTTP `json:"http,omitzero"`
	// DefaultNamespace is the namespace of entities created with an empty one.
	DefaultNamespace string `json:"defaultNamespace"`
	// Limits bound what clients may send and hold.
	Limits Limits `json:"limits"`
	// Session is how a WebSocket session is kept.
	Session Session `json:"session"`
	// Drain is how the gateway goes away.
	Drain Drain `json:"drain"`
	// Connections are the links to outside systems, sorted by name.
	Connections []Connection `json:"connections,omitempty"`
	// Subscriptions are what flows through Connections, sorted by name.
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
}

// Identity names one Gateway.
type Identity struct {
	// Namespace is the Kubernetes namespace, never empty.
	Namespace string `json:"namespace"`
	// Name is the name within the namespace.
	Name string `json:"name"`
}

// String returns namespace/name.
func (i Identity) String() string { return i.Namespace + "/" + i.Name }

// Listener is where clients connect.
type Listener struct {
	// Port is a TCP port, 1 to 65535.
	Port int `json:"port"`
	// TLS serves clients over TLS; nil when they are served without.
	TLS *ListenerTLS `json:"tls,omitempty"`
}

// ListenerTLS is how the gateway proves to clients that it is the one they
// mean.
type ListenerTLS struct {
	// Certificate is a chain in PEM, the gateway's own certificate first.
	Certificate Content `json:"certificate"`
	// Key is the private key of the first certificate, in PEM.
	Key SecretContent `json:"key"`
}

// StorageType names the engine that keeps things and policies.
type StorageType string

// StorageEmbedded is the built-in engine.
const StorageEmbedded StorageType = "Embedded"

// Storage is where things and policies are kept.
type Storage struct {
	// Type is the engine.
	Type StorageType `json:"type"`
	// CacheSize is the memory for what was read from disk and for things in
	// use, in bytes.
	CacheSize int64 `json:"cacheSize"`
	// History is what is kept of the past.
	History History `json:"history"`
}

// History is what is kept of the changes that led to the current state.
type History struct {
	// MaxRecords is how many changes are kept for each entity, at least 1.
	MaxRecords int `json:"maxRecords"`
	// MaxAge is how long changes are kept at most, 0 for any age. Encoded in
	// nanoseconds.
	MaxAge time.Duration `json:"maxAge,omitempty"`
}

// Limits bound what clients may send and hold.
type Limits struct {
	// Message bounds one protocol message.
	Message MessageLimits `json:"message"`
	// Thing bounds one thing.
	Thing ThingLimits `json:"thing"`
	// Policy bounds one policy.
	Policy PolicyLimits `json:"policy"`
	// Sessions bounds the sessions.
	Sessions SessionLimits `json:"sessions"`
	// Authentication bounds attempts to authenticate.
	Authentication AuthenticationLimits `json:"authentication"`
}

// MessageLimits bound one protocol message.
type MessageLimits struct {
	// MaxSize is the size of one incoming WebSocket message, in bytes.
	MaxSize int64 `json:"maxSize"`
}

// ThingLimits bound one thing.
type ThingLimits struct {
	// MaxSize is the size of a thing's compact JSON, in UTF-16 code units.
	MaxSize int `json:"maxSize"`
}

// PolicyLimits bound one policy.
type PolicyLimits struct {
	// MaxSize is the size of a policy's compact JSON, in UTF-16 code units.
	MaxSize int `json:"maxSize"`
	// MaxImports is how many policies a policy may import.
	MaxImports int `json:"maxImports"`
}

// Overflow names what happens to a session whose outbound queue is full.
type Overflow string

const (
	// OverflowClose closes the session.
	OverflowClose Overflow = "Close"
	// OverflowDropNewest drops the event that finds no room.
	OverflowDropNewest Overflow = "DropNewest"
)

// SessionLimits bound the sessions and what each of them may have waiting.
type SessionLimits struct {
	// Max is how many sessions may be open at once.
	Max int `json:"max"`
	// InFlightCommands is how many commands of a session may be in work.
	InFlightCommands int `json:"inFlightCommands"`
	// OutboundQueue is how many frames may wait for a session.
	OutboundQueue int `json:"outboundQueue"`
	// Overflow is what happens when an event finds the queue full.
	Overflow Overflow `json:"overflow"`
}

// AuthenticationLimits bound attempts to authenticate.
type AuthenticationLimits struct {
	// FailuresPerMinute is how many failed attempts are allowed for one user
	// name; for one client address it is ten times as many.
	FailuresPerMinute int `json:"failuresPerMinute"`
}

// Session is how a WebSocket session is kept. Durations are encoded in
// nanoseconds.
type Session struct {
	// PingInterval is how long a session may be silent before it is pinged.
	PingInterval time.Duration `json:"pingInterval"`
	// HandshakeTimeout is how long a client has for the handshake.
	HandshakeTimeout time.Duration `json:"handshakeTimeout"`
	// CommandTimeout is how long a command may take.
	CommandTimeout time.Duration `json:"commandTimeout"`
}

// Drain is how the gateway goes away. Durations are encoded in nanoseconds.
type Drain struct {
	// MinDelay is how long new sessions are accepted when draining has begun.
	MinDelay time.Duration `json:"minDelay"`
	// Budget is how long closing the sessions may take after that.
	Budget time.Duration `json:"budget"`
}
