package operator_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// stages are how far a Gateway may have come when it is deleted. Each brings one
// there whose users are not there yet.
var stages = []struct {
	name  string
	reach func(w *world, g *v1alpha1.Gateway)
	// claimed says that there is a claim by then.
	claimed bool
}{
	{"before it was looked at", func(*world, *v1alpha1.Gateway) {}, false},
	{"without a configuration", func(w *world, g *v1alpha1.Gateway) { w.await(g, refNotFound) }, false},
	{"while pods start", func(w *world, g *v1alpha1.Gateway) {
		change(w, g, func(g *v1alpha1.Gateway) {
			g.Spec.Workload = &v1alpha1.Workload{Image: new(brokenImage)}
		})
		w.create(w.users(g.Name))
		w.await(g, noPods, isFalse(v1alpha1.ConditionAvailable, v1alpha1.ReasonStarting))
	}, true},
	{"while it is pushed", func(w *world, g *v1alpha1.Gateway) {
		w.program(g)
		w.pods.Freeze(w, g.Name+"-0")
		users := w.users(g.Name)
		change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"second": bcrypt} })
		w.eventually("the change is on its way", func() bool { w.get(g); return !programmed.holds(g) })
	}, true},
	{"programmed", (*world).program, true},
	{"paused", func(w *world, g *v1alpha1.Gateway) {
		w.program(g)
		w.annotate(g, v1alpha1.AnnotationPaused, "true")
		w.awaitPaused(g, isTrue(v1alpha1.ConditionPaused, v1alpha1.ReasonPaused))
	}, true},
	{"draining", func(w *world, g *v1alpha1.Gateway) {
		w.program(g)
		w.annotate(g, v1alpha1.AnnotationDrain, "true")
		w.await(g, isTrue(v1alpha1.ConditionDraining, v1alpha1.ReasonDrained))
	}, true},
	{"with a conflict", func(w *world, g *v1alpha1.Gateway) {
		w.create(w.foreign(renderedObject{kindOf("Service"), g.Name}), w.users(g.Name))
		w.await(g, conflict)
	}, false},
	{"refused by the cluster", func(w *world, g *v1alpha1.Gateway) {
		w.program(g)
		w.set(g, field{"storage.volume.size", `"20Gi"`})
		w.await(g, isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonApplyFailed))
	}, true},
}

// program brings a Gateway to where it serves.
func (w *world) program(g *v1alpha1.Gateway) {
	w.Helper()
	w.create(w.users(g.Name))
	w.await(g, programmed, ready)
}

func TestDeletionAtEveryStage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(seldom)
	for i, stage := range stages {
		t.Run(stage.name, func(t *testing.T) {
			t.Parallel()
			w := w.within(t)
			g := w.gateway("g" + string(rune('a'+i)))
			w.create(g)
			stage.reach(w, g)
			w.deleteWhole(g, stage.claimed)
		})
	}
}

// deleteWhole deletes a Gateway and waits until nothing of it is left but its
// claim.
func (w *world) deleteWhole(g *v1alpha1.Gateway, claimed bool) {
	w.Helper()
	w.delete(g)
	w.eventually("the Gateway is gone", func() bool { return !w.exists(g) })
	theirs := w.identified(kindOf("Service"), g.Name)
	keeps := w.exists(theirs) && len(theirs.GetOwnerReferences()) == 0
	for _, o := range renderedOf(g.Name) {
		if o.kind.Kind == "PersistentVolumeClaim" || keeps && o.kind.Kind == "Service" {
			continue
		}
		w.eventually(o.String()+" is gone", func() bool { return !w.exists(w.identified(o.kind, o.name)) })
	}
	w.eventually("the pod is gone", func() bool { return !w.exists(w.podNamed(g.Name)) })
	if there := w.exists(w.identified(kindOf("PersistentVolumeClaim"), render.ClaimName(g.Name))); there != claimed {
		w.Errorf("there is a claim: %t", there)
	}
}

// A Gateway takes over what one of its name has left.
func TestAGatewayOfTheSameNameGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, users := w.gateway("edge"), w.users("edge")
	w.create(g, users)
	w.await(g, ready)
	w.mustAnswer(w.session("edge-0", "ditto"), 201, "create", "lamp", `,"value":{"attributes":{"on":true}}`)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: w.named("edge-data")}
	w.get(claim)
	first, uid := claim.UID, g.UID
	w.deleteWhole(g, true)

	g = w.gateway("edge")
	w.create(g)
	w.await(g, programmed, ready)
	if w.get(claim); claim.UID != first {
		t.Error("it has another claim")
	}
	w.mustAnswer(w.session("edge-0", "ditto"), 200, "retrieve", "lamp", "")

	// At once, too, while what the first has left is still on its way out.
	w.delete(g)
	w.eventually("the Gateway is gone", func() bool { return !w.exists(w.gateway("edge")) })
	g = w.gateway("edge")
	w.create(g)
	w.await(g, programmed, ready)
	if g.UID == uid {
		t.Error("it is the first Gateway")
	}
	for _, o := range renderedOf("edge") {
		object := w.identified(o.kind, o.name)
		if !w.exists(object) {
			continue
		}
		for _, owner := range object.GetOwnerReferences() {
			if owner.UID != g.UID {
				t.Errorf("%s still belongs to another", o)
			}
		}
	}
	w.mustAnswer(w.session("edge-0", "ditto"), 200, "retrieve", "lamp", "")
}

// With retention Delete nothing is left, and a Gateway of that name starts with
// nothing.
func TestAClaimThatGoesWithItsGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	volatile := func() *v1alpha1.Gateway {
		g := w.gateway("edge")
		g.Spec.Storage = &v1alpha1.Storage{Volume: &v1alpha1.Volume{Retention: new(v1alpha1.RetentionDelete)}}
		return g
	}
	g := volatile()
	w.create(g, w.users("edge"))
	w.await(g, ready)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: w.named("edge-data")}
	w.get(claim)
	w.delete(g)
	w.eventually("the claim is gone", func() bool { return !w.exists(&corev1.PersistentVolumeClaim{ObjectMeta: w.named("edge-data")}) })
	g = volatile()
	w.create(g)
	w.await(g, ready)
}
