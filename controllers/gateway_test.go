package controllers_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
)

func TestAGatewayBecomesReadyAndFollowsItsUsers(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	users := w.users("edge", map[string]string{"ditto": bcrypt})
	w.create(g, users)

	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	if g.Status.ProgrammedReplicas != 1 || g.Status.ReadyReplicas != 1 || g.Status.Image != "twinway:test" {
		t.Errorf("status = %+v", g.Status)
	}
	before := g.Status.ConfigurationHash
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"another": bcrypt} })
	w.eventually("the new configuration is in force", func() bool {
		w.get(g)
		return g.Status.ConfigurationHash != before && meta.IsStatusConditionTrue(g.Status.Conditions, v1alpha1.ConditionProgrammed)
	})
	pod := &corev1.Pod{ObjectMeta: w.named("edge-0")}
	w.get(pod)
	if pod.Status.ContainerStatuses[0].RestartCount != 0 {
		t.Error("the pod was restarted")
	}
}

func TestAMissingSecretIsNamedAndAwaited(t *testing.T) {
	w := newWorld(t)
	g := w.gateway("edge")
	w.create(g)

	w.awaitCondition(g, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonRefNotFound)
	w.awaitCondition(g, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionFalse, v1alpha1.ReasonNotCompiled)
	w.awaitCondition(g, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonRefNotFound)
	if w.exists(&appsv1.StatefulSet{ObjectMeta: w.named("edge")}) {
		t.Error("a workload was made without a configuration")
	}

	w.create(w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)
	w.eventually("a workload", func() bool { return w.exists(&appsv1.StatefulSet{ObjectMeta: w.named("edge")}) })
	if c := meta.FindStatusCondition(g.Status.Conditions, v1alpha1.ConditionStalled); c != nil {
		t.Errorf("still stalled: %s", c.Message)
	}
}

func TestARefusedSpecLeavesWhatRunsAlone(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	users := w.users("edge", map[string]string{"ditto": bcrypt})
	w.create(g, users)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	hash := g.Status.ConfigurationHash

	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"ditto": "no hash"} })
	w.awaitCondition(g, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonRefInvalid)
	w.awaitCondition(g, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonAvailable)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRefInvalid)
	if g.Status.ConfigurationHash != hash {
		t.Error("the last configuration is not what is shown")
	}
}

func TestDriftIsRepaired(t *testing.T) {
	w := newWorld(t)
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)

	service := &corev1.Service{ObjectMeta: w.named("edge")}
	change(w, service, func(s *corev1.Service) {
		s.Spec.Ports[0].Port = 1234
		s.Labels["somebody"] = "else"
	})
	w.eventually("the port is back", func() bool { w.get(service); return service.Spec.Ports[0].Port == 8080 })
	if service.Labels["somebody"] != "else" {
		t.Error("a label of somebody else was removed")
	}
	if err := w.Delete(w.ctx, &corev1.Secret{ObjectMeta: w.named("edge-snapshot")}); err != nil {
		t.Fatal(err)
	}
	w.eventually("the Secret is back", func() bool { return w.exists(&corev1.Secret{ObjectMeta: w.named("edge-snapshot")}) })
}

func TestWhatBelongsToSomebodyElseIsNotTouched(t *testing.T) {
	w := newWorld(t)
	foreign := &corev1.Service{ObjectMeta: w.named("edge"), Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 99}}}}
	g := w.gateway("edge")
	w.create(foreign, g, w.users("edge", map[string]string{"ditto": bcrypt}))

	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionFalse, v1alpha1.ReasonConflict)
	w.awaitCondition(g, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonConflict)
	version := foreign.ResourceVersion
	w.get(foreign)
	if foreign.ResourceVersion != version {
		t.Error("the Service of somebody else was changed")
	}
	if w.exists(&appsv1.StatefulSet{ObjectMeta: w.named("edge")}) {
		t.Error("a workload was made beside it")
	}
}

func TestWhatIsNoLongerRenderedGoes(t *testing.T) {
	w := newWorld(t)
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	budget := &policyv1.PodDisruptionBudget{ObjectMeta: w.named("edge")}
	w.eventually("a PodDisruptionBudget", func() bool { return w.exists(budget) })

	change(w, g, func(g *v1alpha1.Gateway) {
		g.Spec.DisruptionBudget = &v1alpha1.DisruptionBudget{State: new(v1alpha1.Disabled)}
		g.Spec.Storage = nil
	})
	w.eventually("no PodDisruptionBudget", func() bool { return !w.exists(budget) })
	if !w.exists(&corev1.PersistentVolumeClaim{ObjectMeta: w.named("edge-data")}) {
		t.Error("the claim has gone")
	}
}

func TestAPausedGatewayIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)

	change(w, g, func(g *v1alpha1.Gateway) {
		g.Annotations = map[string]string{v1alpha1.AnnotationPaused: "true"}
		g.Spec.Listener.Port = 9000
	})
	w.awaitCondition(g, v1alpha1.ConditionPaused, metav1.ConditionTrue, v1alpha1.ReasonPaused)
	service := &corev1.Service{ObjectMeta: w.named("edge")}
	w.get(service)
	if service.Spec.Ports[0].Port != 8080 || g.Status.ObservedGeneration == g.Generation {
		t.Errorf("a paused Gateway was worked on: port %d, observed %d of %d", service.Spec.Ports[0].Port, g.Status.ObservedGeneration, g.Generation)
	}

	change(w, g, func(g *v1alpha1.Gateway) { g.Annotations = nil })
	w.eventually("the port follows", func() bool { w.get(service); return service.Spec.Ports[0].Port == 9000 })
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)
	if meta.FindStatusCondition(g.Status.Conditions, v1alpha1.ConditionPaused) != nil {
		t.Error("still paused")
	}
}

func TestDrainTakesPodsOutOfServiceAndBack(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	change(w, g, func(g *v1alpha1.Gateway) { g.Annotations = map[string]string{v1alpha1.AnnotationDrain: "true"} })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonDraining)
	w.eventually("the pod is not ready", func() bool { w.get(g); return g.Status.ReadyReplicas == 0 && g.Status.Replicas == 1 })
	w.awaitCondition(g, v1alpha1.ConditionDraining, metav1.ConditionTrue, v1alpha1.ReasonDrained)

	change(w, g, func(g *v1alpha1.Gateway) { g.Annotations = nil })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// A pod that still takes clients, as long as others may send them, is not out of
// service.
func TestADrainThatHasBegunIsNotDone(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	g.Spec.Drain.MinDelay = new(v1alpha1.Duration("5m"))
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	change(w, g, func(g *v1alpha1.Gateway) { g.Annotations = map[string]string{v1alpha1.AnnotationDrain: "true"} })
	w.eventually("the pod is not ready", func() bool { w.get(g); return g.Status.ReadyReplicas == 0 && g.Status.Replicas == 1 })
	w.awaitCondition(g, v1alpha1.ConditionDraining, metav1.ConditionTrue, v1alpha1.ReasonDraining)
	if n := w.count(controllers.EventDrained); n != 0 {
		t.Errorf("%d events say that it is done", n)
	}
}

func TestAPortNeedsARestart(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	pod := &corev1.Pod{ObjectMeta: w.named("edge-0")}
	w.get(pod)
	first := pod.UID

	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.Listener.Port = 9000 })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.get(pod)
	if pod.UID == first {
		t.Error("the pod was not replaced")
	}
}
