package plugin_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/plugin"
)

func TestParseTarget(t *testing.T) {
	for text, want := range map[string][2]string{
		"gateway/demo":                    {"Gateway", "demo"},
		"Gateways/demo":                   {"Gateway", "demo"},
		"gateways.twinway.dev/demo":       {"Gateway", "demo"},
		"twgw/demo":                       {"Gateway", "demo"},
		"twconn/cloud":                    {"Connection", "cloud"},
		"subscriptions.v1alpha1.x.y/demo": {"Subscription", "demo"},
	} {
		kind, name, err := plugin.ParseTarget(text)
		if err != nil || kind != want[0] || name != want[1] {
			t.Errorf("%s is %s %s (%v), want %v", text, kind, name, err, want)
		}
	}
	for _, text := range []string{"", "demo", "gateway/", "/demo", "pod/demo"} {
		if _, _, err := plugin.ParseTarget(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestPause(t *testing.T) {
	c := newCluster(t, plantYAML)
	step := func(kind, name string, pause, changed bool) {
		t.Helper()
		got, err := c.Pause(c.ctx, kind, c.namespace, name, pause)
		if err != nil {
			t.Fatal(err)
		}
		if got != changed {
			t.Errorf("%s %s, pause %v: changed %v, want %v", kind, name, pause, got, changed)
		}
		object := new(metav1.PartialObjectMetadata)
		object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
		c.get(name, object)
		if value, there := object.Annotations[v1alpha1.AnnotationPaused]; there != pause || pause && value != "true" {
			t.Errorf("%s %s has the annotations %v", kind, name, object.Annotations)
		}
	}
	for kind, name := range map[string]string{v1alpha1.GatewayKind: "demo", v1alpha1.ConnectionKind: "cloud", v1alpha1.SubscriptionKind: "up"} {
		step(kind, name, false, false)
		step(kind, name, true, true)
		step(kind, name, true, false)
		step(kind, name, false, true)
	}
	_, err := c.Pause(c.ctx, v1alpha1.ConnectionKind, c.namespace, "clout", true)
	mustFail(t, err, "there is no Connection", "did you mean cloud?")
}

// Whatever somebody else says of the object stays, and an annotation with
// another value is not taken for one that asks for something.
func TestAnnotationsOfOthersStay(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	var gateway v1alpha1.Gateway
	c.get("demo", &gateway)
	gateway.Annotations = map[string]string{"note": "kept", v1alpha1.AnnotationDrain: "false"}
	if err := c.Client.Update(c.ctx, &gateway); err != nil {
		t.Fatal(err)
	}
	if changed, err := c.Drain(c.ctx, c.namespace, "demo", true); err != nil || !changed {
		t.Errorf("drain: changed %v, %v", changed, err)
	}
	c.get("demo", &gateway)
	want := map[string]string{"note": "kept", v1alpha1.AnnotationDrain: "true"}
	if diff := cmp.Diff(want, gateway.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	if changed, err := c.Drain(c.ctx, c.namespace, "demo", false); err != nil || !changed {
		t.Errorf("undo: changed %v, %v", changed, err)
	}
	gateway = v1alpha1.Gateway{}
	c.get("demo", &gateway)
	if diff := cmp.Diff(map[string]string{"note": "kept"}, gateway.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

func TestWaitDrained(t *testing.T) {
	const (
		drained = "Draining True Draining bye"
		serves  = "Available True Available"
	)
	for name, test := range map[string]struct {
		drained    bool
		ready      int32
		conditions []string
		reached    bool
	}{
		"drained":           {true, 0, []string{drained}, true},
		"still ready":       {true, 1, []string{drained}, false},
		"not draining":      {true, 0, []string{"Available False Starting"}, false},
		"serves":            {false, 1, []string{serves}, true},
		"is to serve again": {false, 0, []string{drained}, false},
		"starts":            {false, 0, []string{"Available False Starting wait for it"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, gatewayYAML)
			var gateway v1alpha1.Gateway
			c.report("demo", &gateway, test.conditions...)
			gateway.Status.ReadyReplicas = test.ready
			c.update(&gateway)
			ctx, cancel := context.WithCancelCause(c.ctx)
			defer cancel(nil)
			done := make(chan error, 1)
			go func() { done <- c.WaitDrained(ctx, c.namespace, "demo", test.drained) }()
			if !test.reached {
				cancel(plugin.ErrTimeout)
			}
			err := <-done
			if test.reached != (err == nil) {
				t.Errorf("the wait ends with %v", err)
			}
			if err != nil && !errors.Is(err, plugin.ErrTimeout) {
				t.Errorf("it does not end with the context: %v", err)
			}
		})
	}
}

// The wait goes on until it is so.
func TestWaitSeesTheChange(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	c.report("demo", new(v1alpha1.Gateway), "Available True Available")
	done := make(chan error, 1)
	go func() { done <- c.WaitDrained(c.ctx, c.namespace, "demo", true) }()
	c.report("demo", new(v1alpha1.Gateway), "Draining True Draining bye")
	if err := <-done; err != nil {
		t.Error(err)
	}
}
