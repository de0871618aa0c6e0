package scale

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
)

// seen is a Gateway or Connection as the API server shows it.
type seen struct {
	version    string
	generation int64
	// observed and programmed are what its status says of which generation.
	observed, programmed int64
	replicas             int32
}

// settled says whether the status speaks of a generation and says that it is in
// force in as many pods.
func (s seen) settled(generation int64, pods int32) bool {
	return s.observed >= generation && s.programmed >= generation && s.replicas >= pods
}

// observer watches statuses.
type observer struct {
	// check fails the test when what is waited for cannot come any more.
	check func()

	mu     sync.Mutex
	last   map[string]seen
	at     time.Time     // of the last event that changed a status
	events int           // that changed a status
	news   chan struct{} // closed at the next event
}

// observe watches all objects of some kinds until the context ends. A watch that
// the API server ends is begun again, with what there is by then.
func (w *world) observe(ctx context.Context, lists ...client.ObjectList) *observer {
	w.Helper()
	o := &observer{check: w.check, last: map[string]seen{}, news: make(chan struct{})}
	for _, list := range lists {
		events, err := w.Watch(ctx, list)
		w.must("watch", err)
		go o.follow(ctx, events, func() (watch.Interface, error) { return w.Watch(ctx, list) })
	}
	return o
}

// follow takes down events until the context ends.
func (o *observer) follow(ctx context.Context, events watch.Interface, again func() (watch.Interface, error)) {
	var err error
	for ctx.Err() == nil {
		if err != nil {
			time.Sleep(rewatchPause)
		} else {
			o.read(ctx, events)
		}
		events, err = again()
	}
	if err == nil {
		events.Stop()
	}
}

// rewatchPause is how long to wait when a watch cannot be begun.
const rewatchPause = 100 * time.Millisecond

// read takes down the events of one watch.
func (o *observer) read(ctx context.Context, events watch.Interface) {
	defer events.Stop()
	for {
		select {
		case event, more := <-events.ResultChan():
			if !more {
				return
			}
			o.note(event, time.Now())
		case <-ctx.Done():
			return
		}
	}
}

func (o *observer) note(event watch.Event, at time.Time) {
	object, ok := event.Object.(client.Object)
	if !ok || event.Type == watch.Bookmark {
		return
	}
	now := statusOf(object)
	key := fmt.Sprintf("%T %s/%s", object, object.GetNamespace(), object.GetName())
	o.mu.Lock()
	defer o.mu.Unlock()
	if before, known := o.last[key]; known && before.version != now.version && before.generation == now.generation {
		o.at = at
		o.events++
	}
	o.last[key] = now
	close(o.news)
	o.news = make(chan struct{})
}

func statusOf(object client.Object) seen {
	s := seen{version: object.GetResourceVersion(), generation: object.GetGeneration()}
	var conditions []metav1.Condition
	switch object := object.(type) {
	case *v1alpha1.Gateway:
		conditions, s.observed, s.replicas = object.Status.Conditions, object.Status.ObservedGeneration, object.Status.ProgrammedReplicas
	case *v1alpha1.Connection:
		conditions, s.observed = object.Status.Conditions, object.Status.ObservedGeneration
	}
	if c := meta.FindStatusCondition(conditions, v1alpha1.ConditionProgrammed); c != nil && c.Status == metav1.ConditionTrue {
		s.programmed = c.ObservedGeneration
	}
	return s
}

// await returns when, at an event, everything that was seen satisfied a
// condition.
func (o *observer) await(ctx context.Context, what string, holds func(map[string]seen) bool) (time.Time, error) {
	for {
		o.mu.Lock()
		held, at, news := holds(o.last), o.at, o.news
		o.mu.Unlock()
		if held {
			return at, nil
		}
		select {
		case <-news:
		case <-time.After(checkInterval):
			o.check()
		case <-ctx.Done():
			return at, fmt.Errorf("never: %s: %w", what, ctx.Err())
		}
	}
}

// checkInterval is how often it is looked whether waiting makes sense.
const checkInterval = time.Second

// awaitSettled returns when the Gateway was seen to be programmed in as many
// pods.
func (o *observer) awaitSettled(ctx context.Context, g *v1alpha1.Gateway, generation int64, pods int32) (time.Time, error) {
	key := fmt.Sprintf("%T %s/%s", g, g.Namespace, g.Name)
	return o.await(ctx, g.Name+" is programmed", func(last map[string]seen) bool {
		return last[key].settled(generation, pods)
	})
}

// quiet returns when the last status was written, once none was for a while.
func (o *observer) quiet(ctx context.Context, while time.Duration) time.Time {
	for {
		o.mu.Lock()
		last := o.at
		o.mu.Unlock()
		rest := time.Until(last.Add(while))
		if rest <= 0 || ctx.Err() != nil {
			return last
		}
		time.Sleep(rest)
	}
}

// writes returns how many changes of statuses were seen.
func (o *observer) writes() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.events
}
