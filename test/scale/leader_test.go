package scale

import (
	"context"
	"net/http"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// holder returns who leads, empty when nobody does.
func holder(lease *coordinationv1.Lease) string {
	if lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// leader returns who leads, empty when nobody does.
func (w *world) leader(ctx context.Context) string {
	w.Helper()
	lease := &coordinationv1.Lease{}
	err := w.Get(ctx, types.NamespacedName{Namespace: operatorNamespace, Name: operatorName}, lease)
	if err != nil && !apierrors.IsNotFound(err) {
		w.Fatalf("read the lease: %v", err)
	}
	return holder(lease)
}

// awaitLeader returns a channel that tells when somebody leads who does not lead
// now; it is closed when the context ends first.
func (w *world) awaitLeader(ctx context.Context) <-chan time.Time {
	w.Helper()
	before := w.leader(ctx)
	leases, err := w.Watch(ctx, &coordinationv1.LeaseList{}, client.InNamespace(operatorNamespace))
	w.must("watch leases", err)
	changed := make(chan time.Time, 1)
	go func() {
		defer leases.Stop()
		defer close(changed)
		for event := range leases.ResultChan() {
			lease, ok := event.Object.(*coordinationv1.Lease)
			if ok && lease.Name == operatorName && holder(lease) != "" && holder(lease) != before {
				changed <- time.Now()
				return
			}
		}
	}()
	return changed
}

// awaitHolder waits until somebody leads.
func (w *world) awaitHolder() {
	w.Helper()
	for w.leader(w.ctx) == "" {
		w.pause()
	}
}

// awaitStandby waits until an operator knows what is in the cluster, and so could
// take over.
func (w *world) awaitStandby(o *operator) {
	w.Helper()
	for {
		o.mustRun()
		answer, err := http.Get("http://" + o.address.String() + ":8081/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		w.pause()
	}
}

// pause lets a moment pass, and fails the test when there is no time left.
func (w *world) pause() {
	w.Helper()
	select {
	case <-time.After(50 * time.Millisecond):
	case <-w.ctx.Done():
		w.Fatal("out of time")
	}
}
