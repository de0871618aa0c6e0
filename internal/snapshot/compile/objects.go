package compile

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Kinds of the objects that a Gateway refers to.
const (
	secretKind    = "Secret"
	configMapKind = "ConfigMap"
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
	// ConfigMaps are the ConfigMaps that Gateways may refer to.
	ConfigMaps []ConfigMap
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

// secret returns the first Secret of a name, if there is one.
func (o Objects) secret(namespace, name string) (Secret, bool) {
	i := slices.IndexFunc(o.Secrets, func(s Secret) bool {
		return s.Name == name && namespaceOf(s.Namespace) == namespace
	})
	if i < 0 {
		return Secret{}, false
	}
	return o.Secrets[i], true
}

// configMap returns the first ConfigMap of a name, if there is one.
func (o Objects) configMap(namespace, name string) (ConfigMap, bool) {
	i := slices.IndexFunc(o.ConfigMaps, func(m ConfigMap) bool {
		return m.Name == name && namespaceOf(m.Namespace) == namespace
	})
	if i < 0 {
		return ConfigMap{}, false
	}
	return o.ConfigMaps[i], true
}
