package statuscheck

import (
	"context"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// rewatchDelay is how long to wait when the API server ends a watch.
const rewatchDelay = 100 * time.Millisecond

// Watch looks at every write to the objects of a namespace until the end of the
// test, which fails for each that breaks a rule: a write that changes nothing, a
// lastTransitionTime that moves without its status, a status that goes back and
// forth.
func Watch(t testing.TB, config *rest.Config, namespace string) {
	t.Helper()
	scheme, err := newScheme()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var watchers sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		watchers.Wait()
	})
	for _, list := range newLists() {
		watchers.Go(func() { follow(ctx, t, c, list, namespace) })
	}
}

// follow watches one kind until ctx ends, again when the API server ends the
// watch. What was written meanwhile is seen as one step.
func follow(ctx context.Context, t testing.TB, c client.WithWatch, list client.ObjectList, namespace string) {
	seen := newChurn()
	for ctx.Err() == nil {
		if w, err := c.Watch(ctx, list, client.InNamespace(namespace)); err == nil {
			look(ctx, t, w, seen)
		}
		select {
		case <-ctx.Done():
		case <-time.After(rewatchDelay):
		}
	}
}

// look returns when the watch ends.
func look(ctx context.Context, t testing.TB, w watch.Interface, seen *churn) {
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-w.ResultChan():
			object, isObject := event.Object.(client.Object)
			if !ok || !isObject {
				return
			}
			if event.Type == watch.Deleted {
				seen.forget(object)
				continue
			}
			for _, violation := range seen.next(object) {
				t.Errorf("%s %s", view(object), violation)
			}
		}
	}
}
