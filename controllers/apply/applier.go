package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/controllers/content"
	"github.com/twinway/twinway/internal/render"
)

// recheck is how often objects that are not cached are looked at.
const recheck = 10 * time.Minute

// Applier applies the objects of Gateways. It is safe for concurrent use, but for
// one Gateway at a time.
type Applier struct {
	client  client.Client
	live    client.Reader
	content *content.Reader
	scheme  *runtime.Scheme
	memo    *memo
	// entire are the kinds that are cached whole.
	entire []string
}

// New returns an Applier. The client reads from the cache, which has some kinds
// whole, and metadata of the others; live reads from the API server what the cache
// does not hold.
func New(c client.Client, live client.Reader, secrets *content.Reader, entire ...string) *Applier {
	return &Applier{client: c, live: live, content: secrets, scheme: c.Scheme(), memo: newMemo(), entire: entire}
}

// Forget drops what is remembered of a Gateway that is gone.
func (a *Applier) Forget(gateway types.NamespacedName) { a.memo.forget(gateway) }

// Report is what Apply did.
type Report struct {
	// Written are the objects that were written, as kind/name.
	Written []string
	// Failed are the objects that the API server did not take, in their order.
	Failed []*Error
}

// Err returns the first failure, nil when there is none.
func (r Report) Err() error {
	if len(r.Failed) == 0 {
		return nil
	}
	return r.Failed[0]
}

// Wrote says whether an object was written.
func (r Report) Wrote(kind, name string) bool { return slices.Contains(r.Written, kind+"/"+name) }

// Stored says whether an object is as it was rendered.
func (r Report) Stored(kind, name string) bool {
	return !slices.ContainsFunc(r.Failed, func(e *Error) bool { return e.Kind == kind && e.Name == name })
}

// Apply makes the objects what they were rendered to be, in their order. One that
// the API server does not take does not keep the others from being applied.
//
// Errors: a ConflictError when one of them belongs to somebody else, and then no
// object is changed; what prevents reading; and what the context ends with.
func (a *Applier) Apply(ctx context.Context, owner Owner, objects []render.Object) (Report, error) {
	due := make([]change, 0, len(objects))
	for _, object := range objects {
		c, err := a.compare(ctx, owner, object)
		if err != nil {
			return Report{}, err
		}
		if c != nil {
			due = append(due, *c)
		}
	}
	var report Report
	for _, c := range due {
		if err := a.write(ctx, owner, c); err != nil {
			report.Failed = append(report.Failed, err)
			continue
		}
		report.Written = append(report.Written, c.key())
	}
	return report, ctx.Err()
}

// change is an object that is to be applied.
type change struct {
	object   render.Object
	want     document
	rendered string
	// uid is that of the object there is; empty when there is none.
	uid types.UID
}

// compare returns the change that an object needs, nil when it needs none.
func (a *Applier) compare(ctx context.Context, owner Owner, object render.Object) (*change, error) {
	want, err := documentOf(object.Config)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", object.GVK.Kind, object.Name, err)
	}
	c := &change{object: object, want: want, rendered: renderedOf(want)}
	if !a.isCached(object.GVK) && a.memo.settledSince(owner.key(), c.key(), c.rendered, time.Now().Add(-recheck)) {
		return nil, nil
	}
	have, err := a.find(ctx, object)
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", object.GVK.Kind, object.Name, err)
	}
	if have == nil {
		return c, nil
	}
	if err := owner.check(object.GVK.Kind, have); err != nil {
		return nil, err
	}
	c.uid = have.GetUID()
	current, err := a.isCurrent(ctx, owner, c, have)
	if current || err != nil {
		return nil, err
	}
	return c, nil
}

// isCurrent says whether an object is as rendered.
func (a *Applier) isCurrent(ctx context.Context, owner Owner, c *change, have client.Object) (bool, error) {
	if a.memo.settledAt(owner.key(), c.key(), c.rendered, have.GetUID(), have.GetResourceVersion()) {
		return true, nil
	}
	whole, err := a.whole(ctx, c.object, have)
	if whole == nil || err != nil {
		return false, err
	}
	if whole.GetAnnotations()[render.AnnotationRendered] != c.rendered {
		return false, nil
	}
	document, err := documentOf(whole)
	if err != nil || !contains(document, withoutKind(c.want), "") {
		return false, err
	}
	a.settle(owner, c, whole)
	return true, nil
}

func (a *Applier) settle(owner Owner, c *change, object client.Object) {
	a.memo.settle(owner.key(), c.key(), settled{
		rendered: c.rendered, resourceVersion: object.GetResourceVersion(), uid: object.GetUID(), at: time.Now(),
	})
}

// write applies one object, and repairs it if that is what it takes.
func (a *Applier) write(ctx context.Context, owner Owner, c change) *Error {
	applied, err := a.apply(ctx, c)
	if apierrors.IsInvalid(err) && c.uid != "" && a.repair(ctx, c) == nil {
		applied, err = a.apply(ctx, c)
	}
	if err != nil {
		return newError(c.object, err)
	}
	a.settle(owner, &c, applied)
	return nil
}

// apply sends one object and returns what it became. The uid keeps it from
// becoming a change of another object of that name; where there was none, not
// forcing does.
func (a *Applier) apply(ctx context.Context, c change) (client.Object, error) {
	u := (&unstructured.Unstructured{Object: c.want}).DeepCopy()
	options := []client.ApplyOption{client.FieldOwner(render.FieldManager)}
	if c.uid != "" {
		u.SetUID(c.uid)
		options = append(options, client.ForceOwnership)
	}
	return u, a.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), options...)
}

// find returns what is known of an object: from the cache, and if that does not
// have it from the API server, which also knows the objects of others. Nil: there
// is none.
func (a *Applier) find(ctx context.Context, object render.Object) (client.Object, error) {
	key := types.NamespacedName{Namespace: object.Namespace, Name: object.Name}
	cached, err := a.cached(ctx, object.GVK, key)
	if cached != nil || err != nil {
		return cached, err
	}
	meta := metadataOf(object.GVK)
	if err := a.live.Get(ctx, key, meta); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return meta, nil
}

func (a *Applier) cached(ctx context.Context, gvk schema.GroupVersionKind, key types.NamespacedName) (client.Object, error) {
	object := a.empty(gvk)
	if object == nil {
		return nil, nil
	}
	if err := a.client.Get(ctx, key, object); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return object, nil
}

// isCached says whether the cache has objects of a kind. Others, such as
// PodMonitors, are read from the API server.
func (a *Applier) isCached(gvk schema.GroupVersionKind) bool { return a.scheme.Recognizes(gvk) }

// empty returns what an object of a kind is cached as; nil when it is not.
func (a *Applier) empty(gvk schema.GroupVersionKind) client.Object {
	if !a.isCached(gvk) {
		return nil
	}
	if !a.isEntire(gvk) {
		return metadataOf(gvk)
	}
	object, err := a.scheme.New(gvk)
	if err != nil {
		return nil
	}
	typed, _ := object.(client.Object)
	return typed
}

// isEntire says whether the cache has objects of a kind whole.
func (a *Applier) isEntire(gvk schema.GroupVersionKind) bool {
	return slices.Contains(a.entire, gvk.Kind)
}

// whole returns all of an object of which metadata may be all that is known; nil
// when it is gone.
func (a *Applier) whole(ctx context.Context, object render.Object, have client.Object) (client.Object, error) {
	if _, partial := have.(*metav1.PartialObjectMetadata); !partial {
		return have, nil
	}
	key := types.NamespacedName{Namespace: object.Namespace, Name: object.Name}
	if isSecret(object.GVK) {
		secret, err := a.content.Secret(ctx, key)
		if secret == nil || err != nil {
			return nil, err
		}
		return secret, nil
	}
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(object.GVK)
	if err := a.live.Get(ctx, key, u); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return u, nil
}

func metadataOf(gvk schema.GroupVersionKind) *metav1.PartialObjectMetadata {
	meta := &metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(gvk)
	return meta
}

func renderedOf(want document) string {
	u := unstructured.Unstructured{Object: want}
	return u.GetAnnotations()[render.AnnotationRendered]
}

// withoutKind leaves out what typed objects in a cache do not carry.
func withoutKind(want document) document {
	out := document{}
	for key, value := range want {
		if key != "kind" && key != "apiVersion" {
			out[key] = value
		}
	}
	return out
}

func (c change) key() string { return c.object.GVK.Kind + "/" + c.object.Name }

func (o Owner) key() types.NamespacedName {
	return types.NamespacedName{Namespace: o.Namespace, Name: o.Name}
}
