package plugin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
)

// pageSize bounds each answer to a list.
const pageSize = 500

// gateway reads a Gateway. That there is none is told with the names of those
// that may have been meant.
func (p *Plugin) gateway(ctx context.Context, namespace, name string) (*v1alpha1.Gateway, error) {
	g := new(v1alpha1.Gateway)
	err := p.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, g)
	if apierrors.IsNotFound(err) {
		return nil, p.missing(ctx, v1alpha1.GatewayKind, namespace, name)
	}
	return g, err
}

// missing returns the error that there is no object of a kind and name.
func (p *Plugin) missing(ctx context.Context, kind, namespace, name string) error {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
	// Without the right to list there are no names to propose.
	_ = p.Client.List(ctx, list, client.InNamespace(namespace), client.Limit(pageSize))
	var names []string
	for _, item := range list.Items {
		names = append(names, item.Name)
	}
	hint := ""
	if near := nearest(name, names); len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return fmt.Errorf("there is no %s %s/%s%s", kind, namespace, name, hint)
}

// all reads every page of a list and calls add after each.
func (p *Plugin) all(ctx context.Context, list client.ObjectList, namespace string, add func(), more ...client.ListOption) error {
	next := ""
	for {
		options := append([]client.ListOption{client.InNamespace(namespace), client.Limit(pageSize), client.Continue(next)}, more...)
		if err := p.Client.List(ctx, list, options...); err != nil {
			return err
		}
		add()
		access, err := meta.ListAccessor(list)
		if err != nil {
			return err
		}
		if next = access.GetContinue(); next == "" {
			return nil
		}
	}
}

// links reads the Connections and Subscriptions of a namespace, or of all.
func (p *Plugin) links(ctx context.Context, namespace string) (connections []v1alpha1.Connection, subscriptions []v1alpha1.Subscription, err error) {
	var c v1alpha1.ConnectionList
	if err := p.all(ctx, &c, namespace, func() { connections = append(connections, c.Items...) }); err != nil {
		return nil, nil, fmt.Errorf("list Connections: %w", err)
	}
	var s v1alpha1.SubscriptionList
	if err := p.all(ctx, &s, namespace, func() { subscriptions = append(subscriptions, s.Items...) }); err != nil {
		return nil, nil, fmt.Errorf("list Subscriptions: %w", err)
	}
	slices.SortFunc(connections, func(a, b v1alpha1.Connection) int { return byName(&a, &b) })
	slices.SortFunc(subscriptions, func(a, b v1alpha1.Subscription) int { return byName(&a, &b) })
	return connections, subscriptions, nil
}

// gateways reads the Gateways of a namespace, or of all, or the one of a name.
func (p *Plugin) gateways(ctx context.Context, namespace, name string) (gateways []v1alpha1.Gateway, err error) {
	if name != "" {
		g, err := p.gateway(ctx, namespace, name)
		if err != nil {
			return nil, err
		}
		return []v1alpha1.Gateway{*g}, nil
	}
	var list v1alpha1.GatewayList
	if err := p.all(ctx, &list, namespace, func() { gateways = append(gateways, list.Items...) }); err != nil {
		return nil, fmt.Errorf("list Gateways: %w", err)
	}
	slices.SortFunc(gateways, func(a, b v1alpha1.Gateway) int { return byName(&a, &b) })
	return gateways, nil
}

func byName(a, b metav1.Object) int {
	return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
}
