package plugin

import (
	"context"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// GatewayStatus is a Gateway with what refers to it.
type GatewayStatus struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Health
	// Replicas are the pods, ReadyReplicas those that take clients, and
	// ProgrammedReplicas those of them that have the current configuration.
	Replicas           int32 `json:"replicas"`
	ReadyReplicas      int32 `json:"readyReplicas"`
	ProgrammedReplicas int32 `json:"programmedReplicas"`
	// ConfigurationHash is that of the current configuration.
	ConfigurationHash string `json:"configurationHash,omitempty"`
	// Image is what the pods run.
	Image string `json:"image,omitempty"`
	// Conditions are all of them.
	Conditions  []metav1.Condition `json:"conditions"`
	Connections []ConnectionStatus `json:"connections"`
}

// ConnectionStatus is a Connection with the Subscriptions that refer to it.
type ConnectionStatus struct {
	Namespace string                  `json:"namespace"`
	Name      string                  `json:"name"`
	Gateway   string                  `json:"gateway"`
	Type      v1alpha1.ConnectionType `json:"type"`
	URI       string                  `json:"uri"`
	// State is whether it is open, and why not if it is not.
	State string `json:"state"`
	Health
	Subscriptions []SubscriptionStatus `json:"subscriptions"`
}

// SubscriptionStatus is a Subscription.
type SubscriptionStatus struct {
	Name      string             `json:"name"`
	Direction v1alpha1.Direction `json:"direction"`
	Signal    v1alpha1.Signal    `json:"signal"`
	Health
}

// Status returns the Gateways of a namespace, or of all if it is empty, or the
// one of a name.
func (p *Plugin) Status(ctx context.Context, namespace, name string) ([]GatewayStatus, error) {
	gateways, err := p.gateways(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	connections, err := p.Connections(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	out := make([]GatewayStatus, 0, len(gateways))
	for _, g := range gateways {
		s := gatewayStatus(&g)
		for _, c := range connections {
			if c.Namespace == g.Namespace && c.Gateway == g.Name {
				s.Connections = append(s.Connections, c)
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func gatewayStatus(g *v1alpha1.Gateway) GatewayStatus {
	return GatewayStatus{
		Namespace: g.Namespace, Name: g.Name,
		Health:   health(g.Status.Conditions, g.Generation, g.Status.ObservedGeneration),
		Replicas: g.Status.Replicas, ReadyReplicas: g.Status.ReadyReplicas, ProgrammedReplicas: g.Status.ProgrammedReplicas,
		ConfigurationHash: g.Status.ConfigurationHash, Image: g.Status.Image,
		Conditions: g.Status.Conditions, Connections: []ConnectionStatus{},
	}
}

// Connections returns the Connections of a namespace, or of all if it is empty,
// that refer to a Gateway, or to any if its name is empty.
func (p *Plugin) Connections(ctx context.Context, namespace, gateway string) ([]ConnectionStatus, error) {
	connections, subscriptions, err := p.links(ctx, namespace)
	if err != nil {
		return nil, err
	}
	out := []ConnectionStatus{}
	for _, c := range connections {
		if gateway != "" && c.Spec.GatewayRef.Name != gateway {
			continue
		}
		out = append(out, connectionStatus(&c, subscriptions))
	}
	return out, nil
}

func connectionStatus(c *v1alpha1.Connection, subscriptions []v1alpha1.Subscription) ConnectionStatus {
	status := ConnectionStatus{
		Namespace: c.Namespace, Name: c.Name, Gateway: c.Spec.GatewayRef.Name, Type: c.Spec.Type, URI: c.Spec.URI,
		State:         stateOf(c.Status.Conditions, v1alpha1.ConditionConnected),
		Health:        health(c.Status.Conditions, c.Generation, c.Status.ObservedGeneration),
		Subscriptions: []SubscriptionStatus{},
	}
	for _, s := range subscriptions {
		if s.Namespace != c.Namespace || s.Spec.ConnectionRef.Name != c.Name {
			continue
		}
		status.Subscriptions = append(status.Subscriptions, SubscriptionStatus{
			Name: s.Name, Direction: s.Spec.Direction, Signal: s.Spec.Signal,
			Health: health(s.Status.Conditions, s.Generation, s.Status.ObservedGeneration),
		})
	}
	return status
}

// stateOf returns what a condition says of a Connection in one word.
func stateOf(conditions []metav1.Condition, condition string) string {
	c := meta.FindStatusCondition(conditions, condition)
	switch {
	case c == nil:
		return v1alpha1.ReasonPending
	case c.Status == metav1.ConditionTrue:
		return "Open"
	}
	return c.Reason
}

// PrintStatus writes Gateways for people, each as a small tree.
func PrintStatus(w io.Writer, gateways []GatewayStatus) error {
	l := &lines{w: w}
	for i, g := range gateways {
		if i > 0 {
			l.printf("")
		}
		l.printf("Gateway %s/%s  %s", g.Namespace, g.Name, g.Health)
		l.printf("  pods           %d, %d ready, %d of them programmed", g.Replicas, g.ReadyReplicas, g.ProgrammedReplicas)
		l.printf("  configuration  %s", clean(short(g.ConfigurationHash)))
		if g.Image != "" {
			l.printf("  image          %s", clean(g.Image))
		}
		l.tree("  ", nodes(g.Connections))
	}
	return l.err
}

// PrintConnections writes Connections for people.
func PrintConnections(w io.Writer, connections []ConnectionStatus) error {
	l := &lines{w: w}
	for _, c := range connections {
		l.printf("Connection %s/%s of Gateway %s  %s", c.Namespace, c.Name, clean(c.Gateway), c.Health)
		l.printf("  %s %s  %s", c.Type, clean(c.URI), clean(c.State))
		l.tree("  ", subscriptionNodes(c.Subscriptions))
	}
	return l.err
}

func nodes(connections []ConnectionStatus) []node {
	var out []node
	for _, c := range connections {
		out = append(out, node{
			text:  fmt.Sprintf("Connection %s (%s)  %s", c.Name, c.Type, c.Health),
			below: subscriptionNodes(c.Subscriptions),
		})
	}
	return out
}

func subscriptionNodes(subscriptions []SubscriptionStatus) []node {
	var out []node
	for _, s := range subscriptions {
		out = append(out, node{text: fmt.Sprintf("Subscription %s (%s %s)  %s", s.Name, s.Direction, s.Signal, s.Health)})
	}
	return out
}
