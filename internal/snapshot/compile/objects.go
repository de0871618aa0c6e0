package compile

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Kinds of the objects that Gateways and Connections refer to.
const (
	secretKind    = "Secret"
	configMapKind = "ConfigMap"
)

// Objects is what snapshots are compiled from. Their order has no effect on a
// snapshot.
type Objects struct {
	// Root is the directory the objects were read from, for findings about
	// what is not there; empty when they came from a cluster.
	Root string
	// Select chooses one of several Gateways by "name" or "namespace/name", for
	// Compile. Empty: there must be exactly one.
	Select string
	// Incomplete says that some objects could not be read, so that what seems
	// to be missing may be among them.
	Incomplete bool
	// Now is the time at which certificates should be valid, for warnings. The
	// zero value stands for the time of the call.
	Now time.Time
	// Gateways are the Gateways.
	Gateways []Gateway
	// Connections are the Connections of Gateways.
	Connections []Connection
	// Subscriptions are the Subscriptions of Connections.
	Subscriptions []Subscription
	// Secrets are the Secrets that Gateways and Connections may refer to.
	Secrets []Secret
	// ConfigMaps are the ConfigMaps that Gateways and Connections may refer to.
	ConfigMaps []ConfigMap
}

// Gateway is a Gateway and where it came from.
type Gateway struct {
	*v1alpha1.Gateway
	Origin Origin
}

// Connection is a Connection and where it came from.
type Connection struct {
	*v1alpha1.Connection
	Origin Origin
}

// Subscription is a Subscription and where it came from.
type Subscription struct {
	*v1alpha1.Subscription
	Origin Origin
}

// Secret is a Secret and where it came from. What its manifest gave as
// stringData has been merged into Data.
type Secret struct {
	*corev1.Secret
	Origin Origin
}

// ConfigMap is a ConfigMap and where it came from.
type ConfigMap struct {
	*corev1.ConfigMap
	Origin Origin
}

// Origin is the place an object was read from; zero when that was a cluster.
type Origin struct {
	// File is the path of the file.
	File string
	// Document counts the documents of the file from 1.
	Document int
	// Line returns the line of a field path in the file, or 0 when it does
	// not know. May be nil.
	Line func(fieldPath string) int
}
