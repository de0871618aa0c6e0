package render

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// draft is an object that lacks its metadata. One without config is not to be.
type draft struct {
	kind schema.GroupVersionKind
	name string
	// orphaned says that the object outlives the Gateway.
	orphaned bool
	// labels and annotations come beside those that every object has.
	labels, annotations map[string]string
	config              runtime.ApplyConfiguration
	// meta points to where config has its metadata.
	meta **metav1ac.ObjectMetaApplyConfiguration
}

// seal completes an object. Its last annotation is the hash of all the rest.
func (r renderer) seal(d draft) (Object, error) {
	meta := metav1ac.ObjectMeta().WithNamespace(r.namespace).WithName(d.name).
		WithLabels(d.labels).WithLabels(Labels(r.name)).WithAnnotations(d.annotations)
	if !d.orphaned {
		meta.WithOwnerReferences(r.owner())
	}
	*d.meta = meta
	data, err := json.Marshal(d.config)
	if err != nil {
		return Object{}, fmt.Errorf("encode %s %s: %w", d.kind.Kind, d.name, err)
	}
	meta.WithAnnotations(map[string]string{AnnotationRendered: hash(data)})
	return Object{GVK: d.kind, Namespace: r.namespace, Name: d.name, Config: d.config}, nil
}

// owner makes an object go with the Gateway. It does not hold up the deletion of
// the Gateway, which would need a permission more.
func (r renderer) owner() *metav1ac.OwnerReferenceApplyConfiguration {
	return metav1ac.OwnerReference().
		WithAPIVersion(v1alpha1.GroupVersion.String()).WithKind(v1alpha1.GatewayKind).
		WithName(r.name).WithUID(r.Gateway.UID).WithController(true)
}

// hash returns the SHA-256 in hexadecimal.
func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// texts returns a map of named strings as one of strings.
func texts[T ~string](m map[string]T) map[string]string {
	out := make(map[string]string, len(m))
	for key, value := range m {
		out[key] = string(value)
	}
	return out
}
