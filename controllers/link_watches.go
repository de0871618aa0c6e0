package controllers

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/twinway/twinway/api/v1alpha1"
)

// setUp registers the controller. That a Gateway comes or goes is an event of the
// cluster; what it comes to and what its pods say, the notifier tells.
func (r *connectionReconciler) setUp(mgr manager.Manager) error {
	return builder.ControllerManagedBy(mgr).Named("connection").
		For(&v1alpha1.Connection{}, specChanges()).
		Watches(&v1alpha1.Gateway{}, handler.EnqueueRequestsFromMapFunc(r.ofGateway), specOrAnnotations()).
		Watches(&v1alpha1.Subscription{}, handler.EnqueueRequestsFromMapFunc(connectionOfSubscription), specChanges()).
		WatchesRawSource(r.notifier.connectionSource()).
		Complete(r)
}

func (r *connectionReconciler) ofGateway(ctx context.Context, gateway client.Object) []reconcile.Request {
	return connectionsOf(ctx, r.client, client.ObjectKeyFromObject(gateway))
}

// connectionOfSubscription finds the Connection that counts a Subscription.
func connectionOfSubscription(_ context.Context, object client.Object) []reconcile.Request {
	subscription, ok := object.(*v1alpha1.Subscription)
	if !ok {
		return nil
	}
	return []reconcile.Request{requestFor(subscription.Namespace, subscription.Spec.ConnectionRef.Name)}
}

// setUp registers the controller.
func (r *subscriptionReconciler) setUp(mgr manager.Manager) error {
	return builder.ControllerManagedBy(mgr).Named("subscription").
		For(&v1alpha1.Subscription{}, specChanges()).
		Watches(&v1alpha1.Connection{}, handler.EnqueueRequestsFromMapFunc(r.ofConnection), specChanges()).
		Watches(&v1alpha1.Gateway{}, handler.EnqueueRequestsFromMapFunc(r.ofGateway), specOrAnnotations()).
		WatchesRawSource(r.notifier.subscriptionSource()).
		Complete(r)
}

func (r *subscriptionReconciler) ofConnection(ctx context.Context, connection client.Object) []reconcile.Request {
	return subscriptionsOf(ctx, r.client, client.ObjectKeyFromObject(connection))
}

func (r *subscriptionReconciler) ofGateway(ctx context.Context, gateway client.Object) []reconcile.Request {
	var out []reconcile.Request
	for _, connection := range connectionsOf(ctx, r.client, client.ObjectKeyFromObject(gateway)) {
		out = append(out, subscriptionsOf(ctx, r.client, connection.NamespacedName)...)
	}
	return out
}
