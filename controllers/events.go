package controllers

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// Reasons of events, for programs.
const (
	// EventConfigurationAccepted and EventConfigurationRefused are about the spec
	// of an object and what it refers to.
	EventConfigurationAccepted = "ConfigurationAccepted"
	EventConfigurationRefused  = "ConfigurationRefused"
	// EventProgrammed means that every ready pod has applied the configuration.
	EventProgrammed = "Programmed"
	// EventConflict means that an object of somebody else is in the way.
	EventConflict = "Conflict"
	// EventApplyFailed means that the API server did not take an object.
	EventApplyFailed = "ApplyFailed"
	// EventRefused means that a pod has refused the configuration.
	EventRefused = "Refused"
	// EventPaused and EventResumed are about the annotation that asks to leave the
	// object alone.
	EventPaused  = "Paused"
	EventResumed = "Resumed"
	// EventDraining, EventDrained and EventUndrained are about the annotation that
	// asks to take the pods out of service.
	EventDraining  = "Draining"
	EventDrained   = "Drained"
	EventUndrained = "Undrained"
	// EventRestartingPrefix begins the reason of an event about pods that are
	// replaced; the rest is why, a render.RestartReason.
	EventRestartingPrefix = "Restarting"
)

// Actions of events.
const (
	actionCompile = "Compile"
	actionApply   = "Apply"
	actionPush    = "Push"
	actionRestart = "Restart"
	actionPause   = "Pause"
	actionDrain   = "Drain"
)

// recorder writes events, on transitions only. Those that pods may bring about are
// written in the pace of their object: what is too much is left out, and conditions
// have the last of it. Those that follow a change of the spec are all written, for
// each has cost whoever made it a request, and nothing else tells of it later.
type recorder struct {
	events.EventRecorder
	paces *paces
}

func (r recorder) normal(object runtime.Object, reason, action, note string) {
	r.event(object, corev1.EventTypeNormal, reason, action, note)
}

func (r recorder) warning(object runtime.Object, reason, action, note string) {
	r.event(object, corev1.EventTypeWarning, reason, action, note)
}

func (r recorder) event(object runtime.Object, severity, reason, action, note string) {
	about, ok := object.(client.Object)
	if !ok || !r.paces.take(pacedObject{fmt.Sprintf("%T", object), client.ObjectKeyFromObject(about)}) {
		return
	}
	r.write(object, severity, reason, action, note)
}

func (r recorder) write(object runtime.Object, severity, reason, action, note string) {
	r.Eventf(object, nil, severity, reason, action, "%s", shorten(note))
}

// restarts tells why pods are replaced, once for each reason.
func (r recorder) restarts(gateway *v1alpha1.Gateway, reasons []render.RestartReason) {
	for _, reason := range reasons {
		r.write(gateway, corev1.EventTypeNormal, EventRestartingPrefix+string(reason), actionRestart, "The pods are replaced, because a running gateway cannot take this over")
	}
}

// gatewayTransitions tells what is different about a Gateway.
func (r recorder) gatewayTransitions(gateway *v1alpha1.Gateway, before, after v1alpha1.GatewayStatus) {
	r.compiled(gateway, before.Conditions, after.Conditions)
	r.programmed(gateway, before.Conditions, after.Conditions)
	r.asked(gateway, before.Conditions, after.Conditions)
}

// compiled tells that an object was accepted or refused. What it refers to is part
// of that.
func (r recorder) compiled(object runtime.Object, before, after []metav1.Condition) {
	old, refused := refusalIn(before), refusalIn(after)
	switch {
	case refused != nil && (old == nil || old.Message != refused.Message):
		r.warning(object, EventConfigurationRefused, actionCompile, refused.Message)
	case refused == nil && isAccepted(after) && !isAccepted(before):
		r.normal(object, EventConfigurationAccepted, actionCompile, "The configuration can be used")
	}
}

// refusalIn returns the condition that says why an object is refused.
func refusalIn(conditions []metav1.Condition) *metav1.Condition {
	for _, condition := range []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionResolvedRefs} {
		if i := indexOf(conditions, condition); i >= 0 && conditions[i].Status == metav1.ConditionFalse {
			return &conditions[i]
		}
	}
	return nil
}

func isAccepted(conditions []metav1.Condition) bool {
	return statusOf(conditions, v1alpha1.ConditionAccepted) == metav1.ConditionTrue &&
		statusOf(conditions, v1alpha1.ConditionResolvedRefs) == metav1.ConditionTrue
}

// programmed tells that the pods have the configuration, or why they cannot get
// it. What passes by itself is no event.
func (r recorder) programmed(gateway *v1alpha1.Gateway, before, after []metav1.Condition) {
	i := indexOf(after, v1alpha1.ConditionProgrammed)
	if i < 0 {
		return
	}
	c, old := after[i], metav1.Condition{}
	if j := indexOf(before, v1alpha1.ConditionProgrammed); j >= 0 {
		old = before[j]
	}
	if c.Status == old.Status && c.Reason == old.Reason {
		return
	}
	switch c.Reason {
	case v1alpha1.ReasonProgrammed:
		r.normal(gateway, EventProgrammed, actionPush, c.Message)
	case v1alpha1.ReasonConflict:
		r.warning(gateway, EventConflict, actionApply, c.Message)
	case v1alpha1.ReasonApplyFailed:
		r.warning(gateway, EventApplyFailed, actionApply, c.Message)
	case v1alpha1.ReasonRefused:
		r.warning(gateway, EventRefused, actionPush, c.Message)
	}
}

// asked tells what the annotations have brought about.
func (r recorder) asked(gateway *v1alpha1.Gateway, before, after []metav1.Condition) {
	had, has := conditionIn(before, v1alpha1.ConditionPaused), conditionIn(after, v1alpha1.ConditionPaused)
	switch {
	case had == nil && has != nil:
		r.normal(gateway, EventPaused, actionPause, has.Message)
	case had != nil && has == nil:
		r.normal(gateway, EventResumed, actionPause, "The Gateway is looked after again")
	}
	had, has = conditionIn(before, v1alpha1.ConditionDraining), conditionIn(after, v1alpha1.ConditionDraining)
	switch {
	case isDrained(has) && !isDrained(had):
		r.normal(gateway, EventDrained, actionDrain, has.Message)
	case had == nil && has != nil:
		r.normal(gateway, EventDraining, actionDrain, has.Message)
	case had != nil && has == nil:
		r.normal(gateway, EventUndrained, actionDrain, "The pods take clients again")
	}
}

func isDrained(draining *metav1.Condition) bool {
	return draining != nil && draining.Reason == v1alpha1.ReasonDrained
}

func conditionIn(conditions []metav1.Condition, condition string) *metav1.Condition {
	if i := indexOf(conditions, condition); i >= 0 {
		return &conditions[i]
	}
	return nil
}
