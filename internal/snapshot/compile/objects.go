package compile

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Objects is what a snapshot is compiled from.
type Objects struct {
	// Root is the directory the objects were read from, for findings about
	// what is not there; empty when they came from a cluster.
	Root string
	// Select chooses one of several Gateways by "name" or "namespace/name".
	// Empty: there must be exactly one.
	Select string
	// Incomplete says that some objects could not be read, so that what seems
	// to be missing may be among them.
	Incomplete bool
	// Gateways are the Gateways, in the order they were read.
	Gateways []Gateway
	// Secrets are the Secrets that Gateways may refer to.
	Secrets []Secret
}

// Gateway is a Gateway and where it came from.
type Gateway struct {
	*v1alpha1.Gateway
	Origin Origin
}

// Secret is a Secret and where it came from. What its manifest gave as
// stringData has been merged into Data.
type Secret struct {
	*corev1.Secret
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
