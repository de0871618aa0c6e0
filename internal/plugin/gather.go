package plugin

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// gather reads what a Gateway is compiled from.
func (p *Plugin) gather(ctx context.Context, g *v1alpha1.Gateway) (compile.Objects, error) {
	connections, subscriptions, err := p.links(ctx, g.Namespace)
	if err != nil {
		return compile.Objects{}, err
	}
	objects := compile.Objects{Gateways: []compile.Gateway{{Gateway: g}}}
	references := []compile.References{compile.GatewayReferences(g)}
	theirs := map[string]bool{}
	for _, c := range connections {
		if c.Spec.GatewayRef.Name != g.Name {
			continue
		}
		theirs[c.Name] = true
		objects.Connections = append(objects.Connections, compile.Connection{Connection: &c})
		references = append(references, compile.ConnectionReferences(&c))
	}
	for _, s := range subscriptions {
		if theirs[s.Spec.ConnectionRef.Name] {
			objects.Subscriptions = append(objects.Subscriptions, compile.Subscription{Subscription: &s})
		}
	}
	return objects, p.resolve(ctx, g.Namespace, references, &objects)
}

// compileOne compiles the only Gateway among the objects.
func compileOne(objects compile.Objects) (compile.Outcome, error) {
	outcomes, _ := compile.Gateways(objects)
	if len(outcomes) != 1 {
		return compile.Outcome{}, fmt.Errorf("compile: %d Gateways instead of one", len(outcomes))
	}
	return outcomes[0], nil
}

// resolve reads the Secrets and ConfigMaps that are referred to. Those that do
// not exist are left out: that they are missing is a finding of the compiler's.
func (p *Plugin) resolve(ctx context.Context, namespace string, references []compile.References, objects *compile.Objects) error {
	seen := map[string]bool{}
	get := func(kind, name string, object client.Object) (bool, error) {
		if seen[kind+"/"+name] {
			return false, nil
		}
		seen[kind+"/"+name] = true
		err := p.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read %s %s/%s: %w", kind, namespace, name, err)
		}
		return true, nil
	}
	for _, r := range references {
		for _, name := range r.Secrets {
			secret := new(corev1.Secret)
			if found, err := get("Secret", name, secret); err != nil {
				return err
			} else if found {
				objects.Secrets = append(objects.Secrets, compile.Secret{Secret: secret})
			}
		}
		for _, name := range r.ConfigMaps {
			configMap := new(corev1.ConfigMap)
			if found, err := get("ConfigMap", name, configMap); err != nil {
				return err
			} else if found {
				objects.ConfigMaps = append(objects.ConfigMaps, compile.ConfigMap{ConfigMap: configMap})
			}
		}
	}
	return nil
}
