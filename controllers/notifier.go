package controllers

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// notifier has objects looked at for reasons that are no events of the cluster: a
// pod has said something, or a Gateway has come to something else. It hands over
// to the queues of the controllers and never waits.
type notifier struct {
	cache client.Reader

	mu                                   sync.Mutex
	gateways, connections, subscriptions queue
	// told is what the Connections and Subscriptions of a Gateway were last told.
	told map[types.NamespacedName]string
	// heard is what is to be done because of the pods of a Gateway. An entry has the
	// Gateway looked at, which removes it if there is no such Gateway.
	heard map[types.NamespacedName]*heard
	now   func() time.Time
}

type heard struct {
	pace
	// news says that the Connections and Subscriptions were not told yet.
	news bool
}

func newNotifier(cache client.Reader) *notifier {
	return &notifier{cache: cache, told: map[types.NamespacedName]string{}, heard: map[types.NamespacedName]*heard{}, now: time.Now}
}

// The sources through which controllers take part.
func (n *notifier) gatewaySource() source.Source      { return n.source(&n.gateways) }
func (n *notifier) connectionSource() source.Source   { return n.source(&n.connections) }
func (n *notifier) subscriptionSource() source.Source { return n.source(&n.subscriptions) }

func (n *notifier) source(into *queue) source.Source {
	return source.Func(func(_ context.Context, q queue) error {
		n.mu.Lock()
		defer n.mu.Unlock()
		*into = q
		return nil
	})
}

// podsChanged is called when pods of a Gateway have something to say. However often
// that is, the Gateway is looked at in its pace, and once more after the last time.
// What refers to it follows when it was looked at.
func (n *notifier) podsChanged(id snapshot.Identity) {
	key := types.NamespacedName{Namespace: id.Namespace, Name: id.Name}
	n.mu.Lock()
	if n.heard[key] == nil {
		n.heard[key] = &heard{}
	}
	n.heard[key].news = true
	wait, q := n.heard[key].wait(n.now()), n.gateways
	n.mu.Unlock()
	if q != nil {
		q.AddAfter(reconcile.Request{NamespacedName: key}, wait)
	}
}

// everything has all Gateways looked at.
func (n *notifier) everything(ctx context.Context) {
	var gateways v1alpha1.GatewayList
	if n.cache.List(ctx, &gateways) != nil {
		return // they are looked at regularly anyway
	}
	for i := range gateways.Items {
		n.add(&n.gateways, client.ObjectKeyFromObject(&gateways.Items[i]))
	}
}

// gatewayCame has what refers to a Gateway looked at if what the Gateway came to,
// in words, is not what it was, or if its pods have had something to say.
func (n *notifier) gatewayCame(ctx context.Context, gateway types.NamespacedName, to string) {
	n.mu.Lock()
	same := n.told[gateway] == to
	n.told[gateway] = to
	if h := n.heard[gateway]; h != nil && h.news {
		same, h.news = false, false
	}
	n.mu.Unlock()
	if !same {
		n.links(ctx, gateway)
	}
}

// hasCome says whether a Gateway was looked at. When it is, what refers to it is
// looked at as well.
func (n *notifier) hasCome(gateway types.NamespacedName) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, known := n.told[gateway]
	return known
}

// gatewayWent is called when a Gateway is gone.
func (n *notifier) gatewayWent(ctx context.Context, gateway types.NamespacedName) {
	n.mu.Lock()
	delete(n.told, gateway)
	delete(n.heard, gateway)
	n.mu.Unlock()
	n.links(ctx, gateway)
}

// links has the Connections of a Gateway and their Subscriptions looked at.
func (n *notifier) links(ctx context.Context, gateway types.NamespacedName) {
	for _, request := range connectionsOf(ctx, n.cache, gateway) {
		n.add(&n.connections, request.NamespacedName)
		for _, request := range subscriptionsOf(ctx, n.cache, request.NamespacedName) {
			n.add(&n.subscriptions, request.NamespacedName)
		}
	}
}

func (n *notifier) add(to *queue, key types.NamespacedName) {
	n.mu.Lock()
	q := *to
	n.mu.Unlock()
	if q != nil {
		q.Add(reconcile.Request{NamespacedName: key})
	}
}

// connectionsOf returns the Connections that refer to a Gateway.
func connectionsOf(ctx context.Context, cache client.Reader, gateway types.NamespacedName) []reconcile.Request {
	var list v1alpha1.ConnectionList
	if cache.List(ctx, &list, client.InNamespace(gateway.Namespace), client.MatchingFields{indexGateway: gateway.Name}) != nil {
		return nil
	}
	return requestsFor(list.Items, func(c *v1alpha1.Connection) client.Object { return c })
}

// subscriptionsOf returns the Subscriptions that refer to a Connection.
func subscriptionsOf(ctx context.Context, cache client.Reader, connection types.NamespacedName) []reconcile.Request {
	var list v1alpha1.SubscriptionList
	if cache.List(ctx, &list, client.InNamespace(connection.Namespace), client.MatchingFields{indexConnection: connection.Name}) != nil {
		return nil
	}
	return requestsFor(list.Items, func(s *v1alpha1.Subscription) client.Object { return s })
}

func requestsFor[T any](items []T, object func(*T) client.Object) []reconcile.Request {
	out := make([]reconcile.Request, 0, len(items))
	for i := range items {
		out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object(&items[i]))})
	}
	return out
}
