package crd_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Rules cost time, and the API server gives them so much and no more. What the
// bounds of lists and strings allow must be affordable.
func TestLargestLists(t *testing.T) {
	patterns := many(32, func(i int) any { return long(256, fmt.Sprintf("n%d", i)) })
	expressions := func(n int) []any {
		return many(n, func(int) any { return "{{ " + long(506, "jwt:a") + " }}" })
	}
	rules := many(32, func(int) any {
		return map[string]any{
			"namespaces": patterns, "authSubjects": patterns,
			"thingDefinitions": many(32, func(i int) any { return long(512, fmt.Sprintf("d%d", i)) }),
		}
	})
	for name, values := range map[string]fields{
		"who may create": {"spec.entityCreation": map[string]any{"grant": rules, "revoke": rules}},
		"namespaces": {"spec.namespaceAccess": many(32, func(int) any {
			return map[string]any{"conditions": expressions(8), "allowedNamespaces": patterns, "blockedNamespaces": patterns}
		})},
		"roots": {"spec.policies": map[string]any{"namespaceRoots": many(64, func(i int) any {
			return map[string]any{
				"pattern":  long(256, fmt.Sprintf("n%d", i)),
				"policies": many(10, func(j int) any { return long(256, fmt.Sprintf("n:%d", j)) }),
			}
		})}},
		"providers": {"spec.authentication": map[string]any{"oidc": many(16, func(i int) any {
			return map[string]any{
				"name":          fmt.Sprint("p", i),
				"issuers":       many(8, func(j int) any { return long(512, fmt.Sprintf("https://p%d.i%d/", i, j)) }),
				"audiences":     many(16, func(j int) any { return long(256, fmt.Sprint("a", j)) }),
				"subjects":      expressions(16),
				"prerequisites": expressions(16),
			}
		})}},
		"labels": {"spec.workload": map[string]any{"pod": map[string]any{
			"labels": entries(63), "annotations": entries(4096), "nodeSelector": entries(63),
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			object := scenarioFiles(t)[v1alpha1.GatewayKind].with(values)
			if _, err := connect(t, v1alpha1.GatewayKind).Create(deadline(t), object, tryCreate); err != nil {
				t.Error(err)
			}
		})
	}
}

func many(n int, entry func(i int) any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = entry(i)
	}
	return list
}

// long returns a text of n characters.
func long(n int, start string) string { return start + strings.Repeat("a", n-len(start)) }

// entries returns a map as large as one may be, with the longest keys.
func entries(size int) map[string]any {
	all := map[string]any{}
	for i := range 32 {
		all[long(253, fmt.Sprint("a", i))+"/"+long(63, "a")] = long(size, "v")
	}
	return all
}

func TestLargestSources(t *testing.T) {
	templates := func(n int) map[string]any {
		all := map[string]any{}
		for i := range 32 {
			all[long(128, fmt.Sprint("h", i))] = "{{ " + long(n-6, "header:a") + " }}"
		}
		return all
	}
	labels := func(start string) []any {
		return many(8, func(i int) any { return long(165, fmt.Sprint(start, i, ":")) })
	}
	sources := many(16, func(i int) any {
		return map[string]any{
			"name": long(63, fmt.Sprint("s", i)), "qos": int64(1), "delivery": "AtLeastOnce", "payload": "ImplicitThing",
			"addresses":             many(16, func(j int) any { return long(1024, fmt.Sprint("a", j, "/")) }),
			"authorizationSubjects": many(16, func(j int) any { return long(512, fmt.Sprintf("s%d:", j)) }),
			"implicitThing":         map[string]any{"thing": long(16384, "{")},
			"headers":               templates(512), "replyHeaders": templates(512),
			"replyTo": long(1024, "a"), "replies": []any{"Response", "Error", "Nack"},
			"requestedAcks": labels("r"), "declaredAcks": labels("d"),
		}
	})
	object := scenarioFiles(t)[v1alpha1.ConnectionKind].with(fields{"spec.type": "MQTT", "spec.uri": "mqtt://a", "spec.sources": sources})
	if _, err := connect(t, v1alpha1.ConnectionKind).Create(deadline(t), object, tryCreate); err != nil {
		t.Error(err)
	}
}
