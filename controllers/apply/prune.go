package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/render"
)

// pruned is the key under which the memo has the names that were kept last.
const pruned = "pruned"

// Prune deletes what belongs to the owner, is of one of the kinds, and is no
// longer rendered. Claims stay. It looks again only when the names of what is
// rendered have changed.
func (a *Applier) Prune(ctx context.Context, owner Owner, kinds []schema.GroupVersionKind, objects []render.Object) error {
	keep := map[string]bool{}
	for _, object := range objects {
		keep[object.GVK.Kind+"/"+object.Name] = true
	}
	names := strings.Join(slices.Sorted(maps.Keys(keep)), " ")
	if a.memo.settledAt(owner.key(), pruned, names, owner.UID, "1") {
		return nil
	}
	for _, gvk := range kinds {
		if gvk.Kind == kindClaim {
			continue
		}
		if err := a.pruneKind(ctx, owner, gvk, keep); err != nil {
			return err
		}
	}
	a.memo.settle(owner.key(), pruned, settled{rendered: names, uid: owner.UID, resourceVersion: "1"})
	return nil
}

func (a *Applier) pruneKind(ctx context.Context, owner Owner, gvk schema.GroupVersionKind, keep map[string]bool) error {
	objects, err := a.list(ctx, owner, gvk)
	if err != nil {
		return fmt.Errorf("list %s: %w", gvk.Kind, err)
	}
	for _, object := range objects {
		key := gvk.Kind + "/" + object.GetName()
		if keep[key] || owner.check(gvk.Kind, object) != nil || object.GetDeletionTimestamp() != nil {
			continue
		}
		if err := a.delete(ctx, gvk, object); err != nil {
			return fmt.Errorf("delete %s %s: %w", gvk.Kind, object.GetName(), err)
		}
		a.memo.forgetObject(owner.key(), key)
	}
	return nil
}

// delete deletes exactly the object that was looked at.
func (a *Applier) delete(ctx context.Context, gvk schema.GroupVersionKind, object client.Object) error {
	target := metadataOf(gvk)
	target.SetNamespace(object.GetNamespace())
	target.SetName(object.GetName())
	uid := object.GetUID()
	err := a.client.Delete(ctx, target, client.Preconditions{UID: &uid}, client.PropagationPolicy(metav1.DeletePropagationBackground))
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // gone, or another object by now
	}
	return err
}

// list returns the objects of a kind with the owner's label.
func (a *Applier) list(ctx context.Context, owner Owner, gvk schema.GroupVersionKind) ([]client.Object, error) {
	options := []client.ListOption{client.InNamespace(owner.Namespace), client.MatchingLabels{render.LabelGateway: owner.Name}}
	list := a.emptyList(gvk.GroupVersion().WithKind(gvk.Kind+"List"), a.isEntire(gvk))
	reader := client.Reader(a.client)
	if !a.isCached(gvk) {
		reader = a.live
	}
	if err := reader.List(ctx, list, options...); err != nil {
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil, nil // the cluster does not know the kind
		}
		return nil, err
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return nil, err
	}
	objects := make([]client.Object, 0, len(items))
	for _, item := range items {
		if object, ok := item.(client.Object); ok {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// emptyList returns what objects of a kind are listed as: whole, or their metadata.
func (a *Applier) emptyList(gvk schema.GroupVersionKind, whole bool) client.ObjectList {
	if whole {
		if object, err := a.scheme.New(gvk); err == nil {
			if list, ok := object.(client.ObjectList); ok {
				return list
			}
		}
	}
	metadata := &metav1.PartialObjectMetadataList{}
	metadata.SetGroupVersionKind(gvk)
	return metadata
}
