package plugin

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// lastApplied is what kubectl keeps for itself: the whole object once more.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// customResources adds the Gateway and what refers to it.
func (b *bundle) customResources(ctx context.Context) {
	b.object("gateway.yaml", v1alpha1.GroupVersion.WithKind(v1alpha1.GatewayKind), b.gateway.DeepCopy())
	connections, subscriptions, err := b.links(ctx, b.gateway.Namespace)
	if err != nil {
		b.problem("connections and subscriptions", err)
	}
	theirs := map[string]bool{}
	for _, c := range connections {
		if c.Spec.GatewayRef.Name == b.gateway.Name {
			theirs[c.Name] = true
			b.object("connections/"+c.Name+".yaml", v1alpha1.GroupVersion.WithKind(v1alpha1.ConnectionKind), &c)
		}
	}
	for _, s := range subscriptions {
		if theirs[s.Spec.ConnectionRef.Name] {
			b.object("subscriptions/"+s.Name+".yaml", v1alpha1.GroupVersion.WithKind(v1alpha1.SubscriptionKind), &s)
		}
	}
}

// rendered adds what the operator has made of the Gateway, and the pods.
func (b *bundle) rendered(ctx context.Context) {
	for _, kind := range append(render.Kinds(), corev1.SchemeGroupVersion.WithKind("Pod")) {
		if kind.Kind == "Secret" {
			b.secrets(ctx)
			continue
		}
		list := new(unstructured.UnstructuredList)
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		err := b.all(ctx, list, b.gateway.Namespace, func() {
			for _, item := range list.Items {
				b.object("objects/"+strings.ToLower(kind.Kind)+"-"+item.GetName()+".yaml", kind, &item)
			}
		}, client.MatchingLabels(render.Selector(b.gateway.Name)))
		if err != nil && !meta.IsNoMatchError(err) { // not every cluster knows every kind
			b.problem(kind.Kind, err)
		}
	}
}

// object adds an object, without what only the API server needs.
func (b *bundle) object(name string, kind schema.GroupVersionKind, object client.Object) {
	b.seen[object.GetUID()] = true
	object.GetObjectKind().SetGroupVersionKind(kind)
	object.SetManagedFields(nil)
	annotations := object.GetAnnotations()
	delete(annotations, lastApplied)
	object.SetAnnotations(annotations)
	b.yaml(name, object)
}

// contents is what may be said of a Secret or ConfigMap: how many bytes each of
// its keys has.
type contents struct {
	Kind   string            `json:"kind"`
	Name   string            `json:"name"`
	Type   string            `json:"type,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Keys   map[string]int    `json:"keys"`
}

func contentsOfSecret(s *corev1.Secret) contents {
	c := contents{Kind: "Secret", Name: s.Name, Type: string(s.Type), Labels: s.Labels, Keys: map[string]int{}}
	for key, value := range s.Data {
		c.Keys[key] = len(value)
	}
	return c
}

func contentsOfConfigMap(m *corev1.ConfigMap) contents {
	c := contents{Kind: "ConfigMap", Name: m.Name, Labels: m.Labels, Keys: map[string]int{}}
	for key, value := range m.Data {
		c.Keys[key] = len(value)
	}
	for key, value := range m.BinaryData {
		c.Keys[key] = len(value)
	}
	return c
}

// secrets adds what may be said of the Secrets that the operator has made.
func (b *bundle) secrets(ctx context.Context) {
	var list corev1.SecretList
	err := b.all(ctx, &list, b.gateway.Namespace, func() {
		for _, s := range list.Items {
			b.yaml("objects/secret-"+s.Name+".yaml", contentsOfSecret(&s))
		}
	}, client.MatchingLabels(render.Selector(b.gateway.Name)))
	if err != nil {
		b.problem("Secret", err)
	}
}
