package controllers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/twinway/twinway/api/v1alpha1"
	apiac "github.com/twinway/twinway/api/v1alpha1/applyconfiguration/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// subscriptionReconciler says in the status of a Subscription what became of it. The
// reconciler of its Gateway does the work.
type subscriptionReconciler struct {
	client   client.Client
	gatherer linkGatherer
	notifier *notifier
	events   recorder
	statuses *memory[v1alpha1.SubscriptionStatus]
}

// Reconcile implements reconcile.Reconciler.
func (r *subscriptionReconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	subscription := &v1alpha1.Subscription{}
	if err := r.client.Get(ctx, request.NamespacedName, subscription); apierrors.IsNotFound(err) {
		r.statuses.forget(request.NamespacedName)
		return reconcile.Result{}, nil
	} else if err != nil {
		return reconcile.Result{}, err
	}
	if subscription.DeletionTimestamp != nil {
		return reconcile.Result{}, nil
	}
	f, err := r.gatherer.subscription(ctx, subscription)
	if err != nil || f.elsewhere {
		return reconcile.Result{}, err
	}
	before := r.statuses.latest(subscription, subscription.Status)
	if f.early && before.ObservedGeneration == subscription.Generation {
		return reconcile.Result{}, nil
	}
	after := v1alpha1.SubscriptionStatus{
		ObservedGeneration: subscription.Generation,
		Conditions:         conditionsOf(linkConditions(f, subscriptionWords), before.Conditions, subscription.Generation, now()),
	}
	if err := r.writeStatus(ctx, subscription, before, after); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	r.events.compiled(subscription, before.Conditions, after.Conditions)
	return reconcile.Result{}, nil
}

func (r *subscriptionReconciler) writeStatus(ctx context.Context, subscription *v1alpha1.Subscription, before, after v1alpha1.SubscriptionStatus) error {
	if sameConditions(before.Conditions, after.Conditions) && before.ObservedGeneration == after.ObservedGeneration {
		return nil
	}
	status := apiac.SubscriptionStatus().WithObservedGeneration(after.ObservedGeneration).
		WithConditions(applyConditions(after.Conditions)...)
	object := apiac.Subscription(subscription.Name, subscription.Namespace).WithUID(subscription.UID).WithStatus(status)
	if err := r.client.Status().Apply(ctx, object, client.FieldOwner(render.FieldManager), client.ForceOwnership); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	r.statuses.wrote(subscription, *object.ResourceVersion, after)
	return nil
}
