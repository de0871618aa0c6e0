package operator_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/controllers"
	"github.com/twinway/twinway/internal/render"
)

func TestAGatewayIsCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := withEverything(w.gateway("edge"))
	w.create(g, w.users("edge"))
	w.await(g, accepted, programmed, ready)

	for _, o := range renderedOf("edge") {
		object := w.identified(o.kind, o.name)
		w.get(object)
		if owned := metav1.IsControlledBy(object, g); owned == (o.kind.Kind == "PersistentVolumeClaim") {
			t.Errorf("%s belongs to the Gateway: %t", o, owned)
		}
		for key, value := range render.Labels("edge") {
			if object.GetLabels()[key] != value {
				t.Errorf("%s has label %s=%s", o, key, object.GetLabels()[key])
			}
		}
	}
	w.mustHave(g)
	if s := g.Status; s.Replicas != 1 || s.ReadyReplicas != 1 || s.ProgrammedReplicas != 1 || s.Image != image || s.Selector != "twinway.dev/gateway=edge" {
		t.Errorf("the status is %+v", s)
	}
	w.mustAnswer(w.session("edge-0", "ditto"), 201, "create", "lamp", `,"value":{}`)
	for _, reason := range []string{controllers.EventConfigurationAccepted, controllers.EventProgrammed} {
		w.awaitEvent(g, reason)
	}
}
