package controllers

import (
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	apiac "github.com/twinway/twinway/api/v1alpha1/applyconfiguration/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// gatewayStatus returns the whole status of a Gateway; before is the one it has.
func gatewayStatus(f gatewayFacts, before v1alpha1.GatewayStatus, now metav1.Time) v1alpha1.GatewayStatus {
	ready := f.ready()
	return v1alpha1.GatewayStatus{
		ObservedGeneration: f.gateway.Generation,
		Conditions:         conditionsOf(gatewayConditions(f), before.Conditions, f.gateway.Generation, now),
		Replicas:           int32(len(f.pods)),
		ReadyReplicas:      int32(len(ready)),
		ProgrammedReplicas: int32(countApplied(ready, f.hash)),
		Connections:        int32(f.evaluation.connections),
		ConfigurationHash:  f.hash,
		Image:              f.image,
		Selector:           labels.SelectorFromSet(render.Selector(f.gateway.Name)).String(),
	}
}

// pausedStatus is the status of a Gateway that is left alone: what it was, and
// that it is paused.
func pausedStatus(gateway *v1alpha1.Gateway, before v1alpha1.GatewayStatus, now metav1.Time) v1alpha1.GatewayStatus {
	after := before
	after.Conditions = slices.DeleteFunc(slices.Clone(before.Conditions), func(c metav1.Condition) bool {
		return c.Type == v1alpha1.ConditionPaused
	})
	paused := []named{{v1alpha1.ConditionPaused, isTrue(v1alpha1.ReasonPaused, "The annotation asks to leave the Gateway alone")}}
	after.Conditions = append(after.Conditions, conditionsOf(paused, before.Conditions, gateway.Generation, now)...)
	return after
}

// writeStatus writes a status unless the Gateway has it, and says whether it did.
func (r *gatewayReconciler) writeStatus(ctx context.Context, gateway *v1alpha1.Gateway, before, after v1alpha1.GatewayStatus) (bool, error) {
	if sameGatewayStatus(before, after) {
		return false, nil
	}
	status := apiac.GatewayStatus().
		WithObservedGeneration(after.ObservedGeneration).
		WithConditions(applyConditions(after.Conditions)...).
		WithReplicas(after.Replicas).WithReadyReplicas(after.ReadyReplicas).WithProgrammedReplicas(after.ProgrammedReplicas).
		WithConnections(after.Connections).WithConfigurationHash(after.ConfigurationHash).
		WithImage(after.Image).WithSelector(after.Selector)
	object := apiac.Gateway(gateway.Name, gateway.Namespace).WithUID(gateway.UID).WithStatus(status)
	if err := r.client.Status().Apply(ctx, object, client.FieldOwner(render.FieldManager), client.ForceOwnership); err != nil {
		return false, fmt.Errorf("write status: %w", err)
	}
	r.statuses.wrote(gateway, *object.ResourceVersion, after)
	return true, nil
}

func sameGatewayStatus(a, b v1alpha1.GatewayStatus) bool {
	return sameConditions(a.Conditions, b.Conditions) &&
		a.ObservedGeneration == b.ObservedGeneration &&
		a.Replicas == b.Replicas && a.ReadyReplicas == b.ReadyReplicas && a.ProgrammedReplicas == b.ProgrammedReplicas &&
		a.Connections == b.Connections && a.ConfigurationHash == b.ConfigurationHash &&
		a.Image == b.Image && a.Selector == b.Selector
}
