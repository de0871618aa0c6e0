package controllers_test

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// A spec that asks for other pods is not said to be done before there are others,
// and is once they are ready: what waits for it neither goes on early nor sees it
// come and go.
func TestReadyWaitsForTheRollout(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	pod := &corev1.Pod{ObjectMeta: w.named("edge-0")}
	w.get(pod)
	first := pod.UID

	history := w.record(g)
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.Workload = &v1alpha1.Workload{Image: new("twinway:other")} })
	said := history(func(said string) bool { return said == v1alpha1.ReasonReady })
	if said[0] != v1alpha1.ReasonRestarting {
		t.Errorf("the first that is said of the new spec is %s", said[0])
	}
	w.get(pod)
	if pod.UID == first || pod.Spec.Containers[0].Image != "twinway:other" {
		t.Errorf("it was ready with image %s", pod.Spec.Containers[0].Image)
	}

	history = w.record(g)
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.Replicas = new(int32(0)) })
	w.eventually("no pod", func() bool { return !w.exists(pod) })
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.DefaultNamespace = new("org.example") })
	said = history(func(string) bool { return g.Status.ObservedGeneration == g.Generation })
	if slices.ContainsFunc(said, func(s string) bool { return s != v1alpha1.ReasonScaledToZero }) {
		t.Errorf("of a Gateway that is to have no pods is said: %v", said)
	}
}

// record watches what is said of later specs of a Gateway. The function that it
// returns gives the reasons of Ready, without repetitions, until one satisfies.
func (w *world) record(g *v1alpha1.Gateway) func(until func(reason string) bool) []string {
	w.Helper()
	c, err := client.NewWithWatch(w.config, client.Options{Scheme: w.Scheme()})
	if err != nil {
		w.Fatal(err)
	}
	w.get(g)
	before := g.Generation
	events, err := c.Watch(w.ctx, &v1alpha1.GatewayList{}, client.InNamespace(g.Namespace),
		&client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: g.ResourceVersion}})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(events.Stop)
	return func(until func(string) bool) []string {
		w.Helper()
		var said []string
		for event := range events.ResultChan() {
			now, ok := event.Object.(*v1alpha1.Gateway)
			if !ok || now.Name != g.Name || now.Status.ObservedGeneration <= before {
				continue
			}
			*g = *now
			reason := meta.FindStatusCondition(now.Status.Conditions, v1alpha1.ConditionReady).Reason
			if said = append(said, reason); until(reason) {
				return slices.Compact(said)
			}
		}
		w.Fatal("the watch has ended")
		return nil
	}
}

// What somebody writes into what the operator remembers of a StatefulSet does not
// come into its pods under the operator's name.
func TestAForgedTemplateIsNotApplied(t *testing.T) {
	w := newWorld(t)
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)
	set := &appsv1.StatefulSet{ObjectMeta: w.named("edge")}
	w.get(set)
	genuine, before := set.Annotations[render.AnnotationPodTemplate], set.Generation
	for name, forged := range map[string]string{
		"a container": strings.Replace(genuine, `"containers":[`, `"containers":[{"name":"other","image":"other"},`, 1),
		"no JSON":     genuine + "}",
		"too little":  `{"spec":{"containers":[{"name":"gateway","image":"other"}]}}`,
	} {
		change(w, set, func(s *appsv1.StatefulSet) { s.Annotations[render.AnnotationPodTemplate] = forged })
		w.eventually("what is remembered is true again: "+name, func() bool {
			w.get(set)
			return set.Annotations[render.AnnotationPodTemplate] == genuine
		})
		if set.Generation != before {
			t.Errorf("%s: the template has changed:\n%v", name, set.Spec.Template)
		}
	}
}
