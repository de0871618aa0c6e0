package statuscheck

import (
	"context"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// rewatchDelay is how long to wait when the API server ends a watch.
const rewatchDelay = 100 * time.Millisecond

// Watch looks at every write to the objects of a namespace from now until the
// end of the test, which fails for each that breaks a rule: a write that changes
// nothing, a lastTransitionTime that moves without its status, a status that goes
// back and forth.
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
		w := &watcher{t: t, client: c, list: list, namespace: namespace, seen: newChurn()}
		if err := w.read(ctx); err != nil {
			t.Fatal(err)
		}
		watchers.Go(func() { w.run(ctx) })
	}
}

// watcher looks at the objects of one kind.
type watcher struct {
	t         testing.TB
	client    client.WithWatch
	list      client.ObjectList
	namespace string
	seen      *churn
	at        string // the version that was seen last
}

// run watches until ctx ends, again when the API server ends the watch: from where it was, so that every write is seen. If the API
// server does not know any more what was written meanwhile, that is not judged.
func (w *watcher) run(ctx context.Context) {
	for ctx.Err() == nil {
		if w.watch(ctx) {
			w.seen.skip()
			_ = w.read(ctx) // or learns again that what it asks for is past
		}
		select {
		case <-ctx.Done():
		case <-time.After(rewatchDelay):
		}
	}
}

// watch watches until the API server ends that. It reports whether what was written since the last time is not known any more.
func (w *watcher) watch(ctx context.Context) (past bool) {
	from := &metav1.ListOptions{ResourceVersion: w.at}
	events, err := w.client.Watch(ctx, w.list, client.InNamespace(w.namespace), &client.ListOptions{Raw: from})
	if err == nil {
		err = w.follow(ctx, events)
	}
	return apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
}

// read looks at all objects as they are.
func (w *watcher) read(ctx context.Context) error {
	if err := w.client.List(ctx, w.list, client.InNamespace(w.namespace)); err != nil {
		return err
	}
	w.at = w.list.GetResourceVersion()
	return meta.EachListItem(w.list, func(object runtime.Object) error {
		w.look(object.(client.Object))
		return nil
	})
}

// follow returns when the watch ends, with what the API server says of that.
func (w *watcher) follow(ctx context.Context, events watch.Interface) error {
	defer events.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-events.ResultChan():
			object, isObject := event.Object.(client.Object)
			switch {
			case !ok:
				return nil
			case !isObject:
				return apierrors.FromObject(event.Object)
			case event.Type == watch.Deleted:
				w.seen.forget(object)
			default:
				w.look(object)
			}
			w.at = object.GetResourceVersion()
		}
	}
}

func (w *watcher) look(object client.Object) {
	for _, violation := range w.seen.next(object) {
		w.t.Errorf("%s %s", view(object), violation)
	}
}
