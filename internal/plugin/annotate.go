package plugin

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Pause makes the operator leave a Gateway alone with all that belongs to it, or
// no longer. It says whether that is a change.
func (p *Plugin) Pause(ctx context.Context, namespace, name string, pause bool) (changed bool, err error) {
	return p.annotate(ctx, namespace, name, v1alpha1.AnnotationPaused, pause)
}

// Drain takes the pods of a Gateway out of service, or puts them back. It says
// whether that is a change.
func (p *Plugin) Drain(ctx context.Context, namespace, name string, drain bool) (changed bool, err error) {
	return p.annotate(ctx, namespace, name, v1alpha1.AnnotationDrain, drain)
}

// annotate sets an annotation of a Gateway to "true", or removes it.
func (p *Plugin) annotate(ctx context.Context, namespace, name, annotation string, set bool) (changed bool, err error) {
	const kind = v1alpha1.GatewayKind
	object := new(metav1.PartialObjectMetadata)
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	err = p.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)
	if apierrors.IsNotFound(err) {
		return false, p.missing(ctx, kind, namespace, name)
	}
	if err != nil {
		return false, fmt.Errorf("read %s %s/%s: %w", kind, namespace, name, err)
	}
	var value any
	if set {
		value = "true"
	}
	if old, there := object.Annotations[annotation]; there == set && (!set || old == "true") {
		return false, nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{annotation: value}}})
	if err != nil {
		return false, err
	}
	if err := p.Client.Patch(ctx, object, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(FieldManager)); err != nil {
		return false, fmt.Errorf("annotate %s %s/%s: %w", kind, namespace, name, err)
	}
	return true, nil
}
