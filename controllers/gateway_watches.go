package controllers

import (
	"context"
	"reflect"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// What fails is tried again with pauses that double. The longest is short: what
// ends a failure, such as a quota that is raised, is often not watched.
const (
	minRetry = 50 * time.Millisecond
	maxRetry = time.Minute
)

// specOrAnnotations are the changes of our own kinds that ask for something. What
// the operator writes into their status does not.
func specOrAnnotations() builder.Predicates {
	return builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))
}

func specChanges() builder.Predicates {
	return builder.WithPredicates(predicate.GenerationChangedPredicate{})
}

// setUp registers the controller and what it watches: Gateways, what refers to
// them, what they refer to, what was made of them, and their pods.
func (r *gatewayReconciler) setUp(mgr manager.Manager) error {
	b := builder.ControllerManagedBy(mgr).Named("gateway").
		WithOptions(controller.Options{RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](minRetry, maxRetry)}).
		For(&v1alpha1.Gateway{}, specOrAnnotations()).
		Watches(&v1alpha1.Connection{}, handler.EnqueueRequestsFromMapFunc(gatewayOfConnection), specChanges()).
		Watches(&v1alpha1.Subscription{}, handler.EnqueueRequestsFromMapFunc(r.gatewayOfSubscription), specChanges()).
		Watches(&corev1.Pod{}, handler.EnqueueRequestsFromMapFunc(gatewayOfLabel), builder.WithPredicates(podChanges)).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.gatewaysOfSecret)).
		WatchesMetadata(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.gatewaysOfConfigMap)).
		Watches(&appsv1.StatefulSet{}, handler.EnqueueRequestsFromMapFunc(gatewayOfLabel)).
		WatchesRawSource(r.notifier.gatewaySource())
	for _, object := range ownedTypes() {
		b = b.WatchesMetadata(object, handler.EnqueueRequestsFromMapFunc(gatewayOfLabel))
	}
	return b.Complete(r)
}

// podChanges are those of what is kept of a pod; most updates of a pod are about
// something else.
var podChanges = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*corev1.Pod)
	after, also := e.ObjectNew.(*corev1.Pod)
	if !ok || !also {
		return true
	}
	return !reflect.DeepEqual(before.Status, after.Status) ||
		(before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		!reflect.DeepEqual(before.OwnerReferences, after.OwnerReferences) ||
		before.Labels[render.LabelGateway] != after.Labels[render.LabelGateway]
}}

func gatewayOfConnection(_ context.Context, object client.Object) []reconcile.Request {
	connection, ok := object.(*v1alpha1.Connection)
	if !ok {
		return nil
	}
	return []reconcile.Request{requestFor(connection.Namespace, connection.Spec.GatewayRef.Name)}
}

func (r *gatewayReconciler) gatewayOfSubscription(ctx context.Context, object client.Object) []reconcile.Request {
	subscription, ok := object.(*v1alpha1.Subscription)
	if !ok {
		return nil
	}
	key := types.NamespacedName{Namespace: subscription.Namespace, Name: subscription.Spec.ConnectionRef.Name}
	connection := &v1alpha1.Connection{}
	if r.client.Get(ctx, key, connection) != nil {
		return nil // when it comes, its Gateway is looked at
	}
	return gatewayOfConnection(ctx, connection)
}

// gatewayOfLabel finds the Gateway of what has its label, whoever made it: an
// object that was in the way may be gone.
func gatewayOfLabel(_ context.Context, object client.Object) []reconcile.Request {
	name := object.GetLabels()[render.LabelGateway]
	if name == "" {
		return nil
	}
	return []reconcile.Request{requestFor(object.GetNamespace(), name)}
}

func (r *gatewayReconciler) gatewaysOfSecret(ctx context.Context, object client.Object) []reconcile.Request {
	return append(r.referring(ctx, object, indexSecret), gatewayOfLabel(ctx, object)...)
}

func (r *gatewayReconciler) gatewaysOfConfigMap(ctx context.Context, object client.Object) []reconcile.Request {
	return r.referring(ctx, object, indexConfigMap)
}

// referring returns the Gateways that refer to an object, themselves or through a
// Connection.
func (r *gatewayReconciler) referring(ctx context.Context, object client.Object, index string) []reconcile.Request {
	at := []client.ListOption{client.InNamespace(object.GetNamespace()), client.MatchingFields{index: object.GetName()}}
	var out []reconcile.Request
	var gateways v1alpha1.GatewayList
	if r.client.List(ctx, &gateways, at...) == nil {
		out = append(out, requestsFor(gateways.Items, func(g *v1alpha1.Gateway) client.Object { return g })...)
	}
	var connections v1alpha1.ConnectionList
	if r.client.List(ctx, &connections, at...) == nil {
		for i := range connections.Items {
			out = append(out, gatewayOfConnection(ctx, &connections.Items[i])...)
		}
	}
	return out
}

func requestFor(namespace, name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
}
