package controllers

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/twinway/twinway/api/v1alpha1"
	apiac "github.com/twinway/twinway/api/v1alpha1/applyconfiguration/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// connectionReconciler says in the status of a Connection what became of it. The
// reconciler of its Gateway does the work.
type connectionReconciler struct {
	client   client.Client
	gatherer linkGatherer
	notifier *notifier
	events   recorder
	resync   time.Duration
	statuses *memory[v1alpha1.ConnectionStatus]
}

// Reconcile implements reconcile.Reconciler.
func (r *connectionReconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	connection := &v1alpha1.Connection{}
	if err := r.client.Get(ctx, request.NamespacedName, connection); apierrors.IsNotFound(err) {
		r.statuses.forget(request.NamespacedName)
		return reconcile.Result{}, nil
	} else if err != nil {
		return reconcile.Result{}, err
	}
	if connection.DeletionTimestamp != nil {
		return reconcile.Result{}, nil
	}
	f, subscriptions, err := r.gatherer.connection(ctx, connection)
	if err != nil || f.elsewhere {
		return reconcile.Result{}, err
	}
	before := r.statuses.latest(connection, connection.Status)
	if f.early && before.ObservedGeneration == connection.Generation {
		return reconcile.Result{}, nil
	}
	after := v1alpha1.ConnectionStatus{
		ObservedGeneration: connection.Generation,
		Conditions:         conditionsOf(linkConditions(f, connectionWords), before.Conditions, connection.Generation, now()),
		Subscriptions:      int32(subscriptions),
	}
	if err := r.writeStatus(ctx, connection, before, after); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	r.events.compiled(connection, before.Conditions, after.Conditions)
	if !f.gatewayFound {
		// What it refers to is watched for the sake of Gateways only.
		return reconcile.Result{RequeueAfter: r.resync}, nil
	}
	return reconcile.Result{}, nil
}

func (r *connectionReconciler) writeStatus(ctx context.Context, connection *v1alpha1.Connection, before, after v1alpha1.ConnectionStatus) error {
	if sameConditions(before.Conditions, after.Conditions) &&
		before.ObservedGeneration == after.ObservedGeneration && before.Subscriptions == after.Subscriptions {
		return nil
	}
	status := apiac.ConnectionStatus().WithObservedGeneration(after.ObservedGeneration).
		WithConditions(applyConditions(after.Conditions)...).WithSubscriptions(after.Subscriptions)
	object := apiac.Connection(connection.Name, connection.Namespace).WithUID(connection.UID).WithStatus(status)
	if err := r.client.Status().Apply(ctx, object, client.FieldOwner(render.FieldManager), client.ForceOwnership); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	r.statuses.wrote(connection, *object.ResourceVersion, after)
	return nil
}
