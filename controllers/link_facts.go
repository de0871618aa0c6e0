package controllers

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
)

// linkGatherer gathers the facts about Connections and Subscriptions. It changes
// nothing.
type linkGatherer struct {
	cache     client.Reader
	evaluator *evaluator
	keeper    *keeper
	fleet     *push.Fleet
	notifier  *notifier
}

// gateway adds the facts about the Gateway of a Connection and returns what it
// came to; nil when there is no such Gateway.
func (g linkGatherer) gateway(ctx context.Context, key types.NamespacedName, f *linkFacts) (*evaluation, error) {
	f.gateway = key.Name
	gateway := &v1alpha1.Gateway{}
	if err := g.cache.Get(ctx, key, gateway); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	other, err := g.keeper.other(ctx, gateway)
	if f.elsewhere = other != ""; f.elsewhere || err != nil {
		return nil, err
	}
	evaluation, err := g.evaluator.evaluate(ctx, gateway)
	if err != nil {
		return nil, err
	}
	f.gatewayFound, f.gatewayCompiled, f.gatewayPaused = true, evaluation.compiled(), asksFor(gateway, v1alpha1.AnnotationPaused)
	f.hash = evaluation.hash
	set, err := statefulSetOf(ctx, g.cache, gateway)
	if err != nil {
		return nil, err
	}
	pods, err := podsOf(ctx, g.cache, key, uidOf(set))
	if err != nil {
		return nil, err
	}
	f.pods = replicasOf(pods, g.fleet.View(identityOf(gateway)))
	f.rolling = isRolling(set, f.pods)
	f.early = !g.notifier.hasCome(key) || isAwaited(f.pods)
	return evaluation, nil
}

// connection gathers the facts about a Connection, and how many Subscriptions it
// has.
func (g linkGatherer) connection(ctx context.Context, c *v1alpha1.Connection) (f linkFacts, subscriptions int, err error) {
	evaluation, err := g.gateway(ctx, types.NamespacedName{Namespace: c.Namespace, Name: c.Spec.GatewayRef.Name}, &f)
	if err != nil || f.elsewhere {
		return f, 0, err
	}
	f.closed = c.Spec.State != nil && *c.Spec.State == v1alpha1.ConnectionClosed
	f.states = statesOf(f.pods, c.Name, func(s management.Status) []management.LinkStatus { return s.Connections })
	if evaluation == nil {
		f.link, err = g.evaluator.orphanConnection(ctx, c)
		return f, len(subscriptionsOf(ctx, g.cache, client.ObjectKeyFromObject(c))), err
	}
	f.link = evaluation.links[connectionObject(c)]
	return f, evaluation.subscriptions[c.Name], nil
}

// subscription gathers the facts about a Subscription.
func (g linkGatherer) subscription(ctx context.Context, s *v1alpha1.Subscription) (linkFacts, error) {
	f := linkFacts{connection: s.Spec.ConnectionRef.Name}
	c := &v1alpha1.Connection{}
	key := types.NamespacedName{Namespace: s.Namespace, Name: s.Spec.ConnectionRef.Name}
	if err := g.cache.Get(ctx, key, c); apierrors.IsNotFound(err) {
		f.link = orphanSubscription(s)
		return f, nil
	} else if err != nil {
		return f, err
	}
	f.connectionFound = true
	f.closed = c.Spec.State != nil && *c.Spec.State == v1alpha1.ConnectionClosed
	evaluation, err := g.gateway(ctx, types.NamespacedName{Namespace: c.Namespace, Name: c.Spec.GatewayRef.Name}, &f)
	if err != nil || f.elsewhere {
		return f, err
	}
	f.states = statesOf(f.pods, s.Name, func(s management.Status) []management.LinkStatus { return s.Subscriptions })
	f.carriers = statesOf(f.pods, c.Name, func(s management.Status) []management.LinkStatus { return s.Connections })
	if evaluation == nil {
		f.link = orphanSubscription(s)
		return f, nil
	}
	f.connectionAccepted = evaluation.links[connectionObject(c)].accepted
	f.link = evaluation.links[subscriptionObject(s)]
	return f, nil
}

func connectionObject(c *v1alpha1.Connection) snapshot.Object {
	return snapshot.Object{Kind: v1alpha1.ConnectionKind, Namespace: c.Namespace, Name: c.Name}
}

func subscriptionObject(s *v1alpha1.Subscription) snapshot.Object {
	return snapshot.Object{Kind: v1alpha1.SubscriptionKind, Namespace: s.Namespace, Name: s.Name}
}

func identity(key types.NamespacedName) snapshot.Identity {
	return snapshot.Identity{Namespace: key.Namespace, Name: key.Name}
}
