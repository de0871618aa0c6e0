package plugin_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/plugin"
)

func TestPause(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	step := func(pause, changed bool) {
		t.Helper()
		got, err := c.Pause(c.ctx, c.namespace, "demo", pause)
		if err != nil {
			t.Fatal(err)
		}
		if got != changed {
			t.Errorf("pause %v: changed %v, want %v", pause, got, changed)
		}
		var gateway v1alpha1.Gateway
		c.get("demo", &gateway)
		if value, there := gateway.Annotations[v1alpha1.AnnotationPaused]; there != pause || pause && value != "true" {
			t.Errorf("the Gateway has the annotations %v", gateway.Annotations)
		}
	}
	step(false, false)
	step(true, true)
	step(true, false)
	step(false, true)
	_, err := c.Pause(c.ctx, c.namespace, "demi", true)
	mustFail(t, err, "there is no Gateway", "did you mean demo?")
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
		drained = "Draining True Drained bye"
		serves  = "Available True Available"
	)
	for name, test := range map[string]struct {
		drained    bool
		ready      int32
		conditions []string
		reached    bool
	}{
		"drained":           {true, 0, []string{drained}, true},
		"still draining":    {true, 0, []string{"Draining True Draining bye"}, false},
		"drains no longer":  {true, 0, []string{"Draining False Drained bye"}, false},
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
			looks := &counted{Client: c.Client, reads: make(chan struct{})}
			c.Client = looks
			done := make(chan error, 1)
			go func() { done <- c.WaitDrained(ctx, c.namespace, "demo", test.drained) }()
			<-looks.reads
			if !test.reached {
				select {
				case <-looks.reads: // so the first time it was not as wanted
				case err := <-done:
					t.Fatalf("the wait ends with %v", err)
				}
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

// counted tells of each reading of an object, as long as somebody listens.
type counted struct {
	client.Client
	reads chan struct{}
}

func (c *counted) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	select {
	case c.reads <- struct{}{}:
	case <-ctx.Done():
	}
	return c.Client.Get(ctx, key, object, options...)
}

// The wait goes on until it is so.
func TestWaitSeesTheChange(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	c.report("demo", new(v1alpha1.Gateway), "Available True Available")
	done := make(chan error, 1)
	go func() { done <- c.WaitDrained(c.ctx, c.namespace, "demo", true) }()
	c.report("demo", new(v1alpha1.Gateway), "Draining True Drained bye")
	if err := <-done; err != nil {
		t.Error(err)
	}
}
