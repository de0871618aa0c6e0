package content

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// DefaultCapacity bounds the content that is kept, in bytes.
const DefaultCapacity = 24 << 20

// Reader reads Secrets and ConfigMaps. It is safe for concurrent use.
type Reader struct {
	metadata client.Reader
	live     client.Reader
	kept     *kept
}

// NewReader returns a Reader. Metadata is read from a cache, content from the API
// server; capacity bounds what is kept of it, in bytes.
func NewReader(metadata, live client.Reader, capacity int) *Reader {
	return &Reader{metadata: metadata, live: live, kept: newKept(capacity)}
}

// Version identifies one version of an object; zero when there is none.
type Version struct {
	// UID and ResourceVersion are those of the object's metadata.
	UID             types.UID
	ResourceVersion string
}

// SecretVersion returns the version that is known of a Secret, without reading
// its content.
func (r *Reader) SecretVersion(ctx context.Context, key types.NamespacedName) (Version, error) {
	meta, err := r.meta(ctx, "Secret", key)
	return versionOf(meta), err
}

// ConfigMapVersion returns the version that is known of a ConfigMap, without
// reading its content.
func (r *Reader) ConfigMapVersion(ctx context.Context, key types.NamespacedName) (Version, error) {
	meta, err := r.meta(ctx, "ConfigMap", key)
	return versionOf(meta), err
}

// Secret returns a Secret, which is not to be changed, or nil when there is none.
func (r *Reader) Secret(ctx context.Context, key types.NamespacedName) (*corev1.Secret, error) {
	object, err := r.read(ctx, "Secret", key, func() client.Object { return &corev1.Secret{} })
	secret, _ := object.(*corev1.Secret)
	return secret, err
}

// ConfigMap returns a ConfigMap, which is not to be changed, or nil when there is
// none.
func (r *Reader) ConfigMap(ctx context.Context, key types.NamespacedName) (*corev1.ConfigMap, error) {
	object, err := r.read(ctx, "ConfigMap", key, func() client.Object { return &corev1.ConfigMap{} })
	configMap, _ := object.(*corev1.ConfigMap)
	return configMap, err
}

func (r *Reader) read(ctx context.Context, kind string, key types.NamespacedName, empty func() client.Object) (client.Object, error) {
	meta, err := r.meta(ctx, kind, key)
	if meta == nil || err != nil {
		return nil, err
	}
	if object, ok := r.kept.get(versionOf(meta)); ok {
		return object, nil
	}
	return r.latest(ctx, kind, key, empty())
}

// LatestSecret returns a Secret as it is now, even if the metadata that is known is
// older, or nil when there is none. It is not to be changed.
func (r *Reader) LatestSecret(ctx context.Context, key types.NamespacedName) (*corev1.Secret, error) {
	object, err := r.latest(ctx, "Secret", key, &corev1.Secret{})
	secret, _ := object.(*corev1.Secret)
	return secret, err
}

func (r *Reader) latest(ctx context.Context, kind string, key types.NamespacedName, object client.Object) (client.Object, error) {
	if err := r.live.Get(ctx, key, object); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", kind, key, err)
	}
	object.SetManagedFields(nil)
	r.kept.put(Version{UID: object.GetUID(), ResourceVersion: object.GetResourceVersion()}, object)
	return object, nil
}

// meta returns the metadata of an object, or nil when there is none.
func (r *Reader) meta(ctx context.Context, kind string, key types.NamespacedName) (*metav1.PartialObjectMetadata, error) {
	meta := &metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	if err := r.metadata.Get(ctx, key, meta); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("look up %s %s: %w", kind, key, err)
	}
	return meta, nil
}

func versionOf(meta *metav1.PartialObjectMetadata) Version {
	if meta == nil {
		return Version{}
	}
	return Version{UID: meta.UID, ResourceVersion: meta.ResourceVersion}
}
