package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers/apply"
	"github.com/twinway/twinway/controllers/content"
	"github.com/twinway/twinway/internal/push"
)

// Setup registers the reconcilers, and what they need to run beside them, with a
// manager whose scheme is Scheme and whose cache has CacheOptions. The context is
// the one that the manager runs with.
func Setup(ctx context.Context, mgr manager.Manager, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if err := addIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	o.Logger = o.Logger.With("logger", "operator")
	measure := newMetrics()
	if err := measure.register(ctrlmetrics.Registry); err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	c, live := mgr.GetClient(), mgr.GetAPIReader()
	notify := newNotifier(c)
	authority := &authority{
		client: c, live: live, key: types.NamespacedName{Namespace: o.Namespace, Name: authoritySecret},
		log: o.Logger, now: time.Now, changed: func() { notify.everything(ctx) },
	}
	fleet := push.New(push.Options{Credentials: authority.credentials, Changed: notify.podsChanged, Logger: o.Logger})
	contents := content.NewReader(c, live, content.DefaultCapacity)
	evaluate := newEvaluator(c, contents)
	events := recorder{mgr.GetEventRecorder("twinway-operator"), newPaces()}
	keep := newKeeper(mgr.GetCache(), live, o.Namespace, o.LeaderElection)
	gatherer := linkGatherer{cache: c, evaluator: evaluate, keeper: keep, fleet: fleet, notifier: notify}
	for _, controller := range []interface{ setUp(manager.Manager) error }{
		&gatewayReconciler{
			options: o, client: c, content: contents, evaluator: evaluate, keeper: keep,
			certificates: newCertificates(authority, c, live), applier: apply.New(c, live, contents, kindStatefulSet),
			fleet: fleet, notifier: notify, monitors: newKindLookup(mgr.GetRESTMapper()),
			events: events, metrics: measure, statuses: newMemory[v1alpha1.GatewayStatus](),
		},
		&connectionReconciler{
			client: c, gatherer: gatherer, notifier: notify, events: events, resync: o.Resync,
			statuses: newMemory[v1alpha1.ConnectionStatus](),
		},
		&subscriptionReconciler{
			client: c, gatherer: gatherer, notifier: notify, events: events,
			statuses: newMemory[v1alpha1.SubscriptionStatus](),
		},
	} {
		if err := controller.setUp(mgr); err != nil {
			return fmt.Errorf("set up %T: %w", controller, err)
		}
	}
	// Both run on the leader only, as reconcilers do, and end with the manager.
	for _, runnable := range []manager.Runnable{authority, manager.RunnableFunc(fleet.Run)} {
		if err := mgr.Add(runnable); err != nil {
			return fmt.Errorf("add %T: %w", runnable, err)
		}
	}
	return nil
}
