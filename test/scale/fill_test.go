package scale

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
)

// workers is how many Gateways are created at once, and of how many the pods are
// started at once.
const workers = 8

// fill creates Gateways with all that refers to them, and starts a pod of each as
// soon as it has a StatefulSet. It returns when the last object was created, and
// the pods.
func (w *world) fill(n int) (created time.Time, pods map[*v1alpha1.Gateway]*standin) {
	w.Helper()
	ctx, cancel := context.WithCancelCause(w.ctx)
	defer cancel(nil)
	missing := make(chan *v1alpha1.Gateway, n)
	made := make(chan *v1alpha1.Gateway, n)
	for _, g := range w.gateways(n) {
		missing <- g
	}
	close(missing)
	var creating, running sync.WaitGroup
	for range workers {
		creating.Go(func() {
			for g := range missing {
				if err := w.createAll(ctx, g); err != nil {
					cancel(err)
					return
				}
				made <- g
			}
		})
	}
	var mu sync.Mutex
	pods = map[*v1alpha1.Gateway]*standin{}
	for range workers {
		running.Go(func() {
			for g := range made {
				pod, err := w.runOne(ctx, g)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				pods[g] = pod
				mu.Unlock()
			}
		})
	}
	creating.Wait()
	created = time.Now()
	close(made)
	running.Wait()
	w.must("create Gateways", context.Cause(ctx))
	return created, pods
}

// gateways returns new Gateways, some in each namespace.
func (w *world) gateways(n int) []*v1alpha1.Gateway {
	w.Helper()
	var all []*v1alpha1.Gateway
	namespace := ""
	for i := range n {
		if i%*perNamespace == 0 {
			namespace = w.namespace(fmt.Sprintf("scale-%d-%d", n, i / *perNamespace))
		}
		all = append(all, gateway(namespace, fmt.Sprintf("gateway-%d", i)))
	}
	return all
}

// createAll creates a Gateway, what it refers to, and what refers to it.
func (w *world) createAll(ctx context.Context, g *v1alpha1.Gateway) error {
	objects := []client.Object{users(g.Namespace, g.Name), g}
	for i := range connectionsEach {
		objects = append(objects, connection(g.Namespace, g.Name, i))
	}
	for _, object := range objects {
		if err := w.Create(ctx, object); err != nil {
			return fmt.Errorf("create %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

func (w *world) runOne(ctx context.Context, g *v1alpha1.Gateway) (*standin, error) {
	set, err := w.node.set(ctx, g.Namespace, g.Name)
	if err != nil {
		return nil, err
	}
	pods, err := w.node.run(ctx, set, 1)
	if err != nil {
		return nil, err
	}
	return pods[0], nil
}
